#include "proxy/source.hpp"

namespace curfew::proxy {

Source::Chunk Source::read_now(std::size_t already) {
    const std::span<char> buffer = large_->bytes();
    const Stream::Outcome outcome = stream_.try_read(buffer.subspan(already));
    const std::size_t bytes = already + (outcome.status == Stream::Status::ok ? outcome.bytes : 0);
    // What ended it will be found again when there is nothing left to deliver.
    more_expected_ = outcome.status == Stream::Status::ok && bytes == buffer.size();
    if (bytes > 0) return {Stream::Status::ok, {buffer.data(), bytes}};
    large_.reset();
    return {outcome.status, {}};
}

boost::asio::awaitable<Source::Chunk> Source::next() {
    // In a flood nothing waits, and so nothing else would tell.
    if (stream_.interrupted()) co_return Chunk{Stream::Status::interrupted, {}};
    if (more_expected_) {
        const Chunk chunk = read_now(0);
        if (chunk.status != Stream::Status::want_read && chunk.status != Stream::Status::want_write)
            co_return chunk;
    }
    large_.reset();
    if (!stream_.encrypted()) {
        const auto read = co_await stream_.read_plaintext(small_);
        const Stream::Outcome outcome = stream_.read_outcome(read, small_);
        if (outcome.status != Stream::Status::ok || outcome.bytes < small_.size())
            co_return Chunk{outcome.status, {small_.data(), outcome.bytes}};
        large_.emplace(buffers_);
        std::memcpy(large_->bytes().data(), small_.data(), outcome.bytes);
        co_return read_now(outcome.bytes);
    }
    for (;;) {
        large_.emplace(buffers_);
        const Chunk chunk = read_now(0);
        if (chunk.status != Stream::Status::want_read && chunk.status != Stream::Status::want_write) {
            more_expected_ = chunk.status == Stream::Status::ok;  // OpenSSL gives a record at a time
            co_return chunk;
        }
        const Stream::Status waited = co_await stream_.wait(chunk.status);
        if (waited != Stream::Status::ok) co_return Chunk{waited, {}};
    }
}

}  // namespace curfew::proxy
