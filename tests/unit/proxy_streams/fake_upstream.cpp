#include "fake_upstream.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "support/wire_format.hpp"

namespace curfew::test {

namespace asio = boost::asio;
using proxy::Stream;

FakeUpstream::FakeUpstream(Loop& loop, const char* address, std::uint16_t port)
    : acceptor_{loop.executor(), asio::ip::tcp::endpoint{asio::ip::make_address(address), port}} {}

asio::awaitable<Stream> FakeUpstream::accept() {
    asio::ip::tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    co_return Stream{Stream::Socket{std::move(socket)}};
}

asio::awaitable<void> FakeUpstream::read_packet(Stream& stream) {
    std::string packet(4, '\0');
    if (co_await stream.read_exactly(packet) != Stream::Status::ok) co_return;
    std::string body(wire::read_int32(packet) - packet.size(), '\0');
    if (co_await stream.read_exactly(body) == Stream::Status::ok) packets_.push_back(packet + body);
}

asio::awaitable<void> FakeUpstream::answer(std::string bytes) {
    Stream stream = co_await accept();
    co_await read_packet(stream);
    co_await stream.write_all(bytes);
    connections_.push_back(std::move(stream));
}

asio::awaitable<Result<void>> FakeUpstream::speak_tls(SSL_CTX* context) {
    Stream stream = co_await accept();
    co_await read_packet(stream);
    co_await stream.write_all("S");
    const Result<void> shaken = co_await stream.accept_tls(context);
    connections_.push_back(std::move(stream));
    co_return shaken;
}

asio::awaitable<void> FakeUpstream::hang_up() {
    Stream stream = co_await accept();
    stream.close();
}

}  // namespace curfew::test
