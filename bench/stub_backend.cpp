// As much of a PostgreSQL as thousands of sessions need that do nothing: it lets everybody in, answers every
// query with an empty result, and closes when told to. A real one has a process for each, and would be what
// is measured.
#include <CLI/CLI.hpp>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/startup.hpp"

namespace asio = boost::asio;
namespace postgres = curfew::postgres;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t longest_message = 1'048'576;
constexpr std::size_t length_word = 4;

// `size` bytes; nullopt once there will not be as many.
asio::awaitable<std::optional<std::string>> read_bytes(tcp::socket& socket, std::size_t size) {
    std::string bytes(size, '\0');
    const auto [error, n] = co_await asio::async_read(socket, asio::buffer(bytes), as_tuple);
    if (error) co_return std::nullopt;
    co_return bytes;
}

asio::awaitable<bool> write_bytes(tcp::socket& socket, std::string_view bytes) {
    const auto [error, n] = co_await asio::async_write(socket, asio::buffer(bytes), as_tuple);
    co_return !error;
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
    postgres::append_message(out, 'S', [&](std::string& body) {
        body.append(name).push_back('\0');
        body.append(value).push_back('\0');
    });
}

// Everything from AuthenticationOk to the first ReadyForQuery. Every backend has a process id of its own.
std::string welcome() {
    static std::int32_t backends = 0;
    std::array<unsigned char, 4> secret{};
    postgres::system_random(secret);
    std::string text = postgres::authentication(postgres::AuthenticationCode::ok);
    append_parameter(text, "server_version", "15.0");
    append_parameter(text, "client_encoding", "UTF8");
    append_parameter(text, "standard_conforming_strings", "on");
    text += postgres::backend_key_data(++backends, std::string{secret.begin(), secret.end()});
    text += postgres::ready_for_query('I');
    return text;
}

// Through with the first packets: true if the client has asked for a session.
asio::awaitable<bool> start(tcp::socket& socket) {
    for (;;) {
        const auto length = co_await read_bytes(socket, length_word);
        const std::size_t size = length ? postgres::startup_packet_length(length->data()) : 0;
        if (size == 0) co_return false;
        const auto rest = co_await read_bytes(socket, size - length_word);
        if (!rest) co_return false;
        const postgres::StartupPacket packet = postgres::parse_startup_packet(*length + *rest);
        if (std::holds_alternative<postgres::StartupMessage>(packet)) co_return true;
        const bool asks_for_encryption = std::holds_alternative<postgres::SslRequest>(packet) ||
                                         std::holds_alternative<postgres::GssEncRequest>(packet);
        // To a CancelRequest there is no answer: nothing runs here.
        if (!asks_for_encryption || !co_await write_bytes(socket, "N")) co_return false;
    }
}

std::string answer_to(char type) {
    std::string text;
    if (type == 'Q')
        postgres::append_message(text, 'C',
                                 [](std::string& body) { body.append("SELECT 0").push_back('\0'); });
    if (type == 'Q' || type == 'S') text += postgres::ready_for_query('I');
    return text;
}

asio::awaitable<void> serve(tcp::socket socket) {
    if (!co_await start(socket)) co_return;
    const std::string first = welcome();
    if (!co_await write_bytes(socket, first)) co_return;
    for (;;) {
        std::array<char, postgres::header_size> bytes{};
        const auto [error, n] = co_await asio::async_read(socket, asio::buffer(bytes), as_tuple);
        postgres::Header header;
        if (error || !postgres::read_header(bytes.data(), header) || header.type == 'X') co_return;
        if (header.body_length > longest_message) co_return;
        const auto body = co_await read_bytes(socket, header.body_length);
        if (!body) co_return;
        const std::string answer = answer_to(header.type);
        if (!co_await write_bytes(socket, answer)) co_return;
    }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor) {
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(as_tuple);
        if (error) throw boost::system::system_error{error, "accept"};
        socket.set_option(tcp::no_delay{true});
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    CLI::App app{"A stub of PostgreSQL for thousands of idle sessions, on 127.0.0.1"};
    app.add_option("--port", port, "Port; 0 (the default): any that is free. It is printed")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        asio::io_context context{1};
        tcp::acceptor acceptor{context, tcp::endpoint{asio::ip::address_v4::loopback(), port}};
        std::cout << acceptor.local_endpoint().port() << std::endl;
        asio::co_spawn(context, accept_all(acceptor), [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
        });
        context.run();
    } catch (const std::exception& failure) {
        std::cerr << "stub_backend: " << failure.what() << '\n';
        return 1;
    }
    return 0;
}
