// Reads one direction of a session, a chunk at a time, with a large buffer only while there is much to read.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "proxy/buffer_pool.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

class Source {
public:
    // `small`: where short pieces are read to; it lives as long as the session.
    Source(Stream& stream, BufferPool& buffers, std::span<char> small)
        : stream_{stream}, buffers_{buffers}, small_{small} {}

    struct Chunk {
        Stream::Status status = Stream::Status::failed;
        std::string_view bytes;  // valid until the next call
    };

    // The next bytes, without waiting where there are some. After one that filled its buffer there probably
    // are; after a shorter one it lets the buffer go and waits.
    boost::asio::awaitable<Chunk> next();
    // The next call will probably not wait.
    bool more_expected() const noexcept { return more_expected_; }

private:
    // Bytes that are there now; nothing (want_read) lets the buffer go.
    Chunk read_now(std::size_t already);

    Stream& stream_;
    BufferPool& buffers_;
    std::span<char> small_;
    std::optional<BufferPool::Lease> large_;
    bool more_expected_ = false;
};

}  // namespace curfew::proxy
