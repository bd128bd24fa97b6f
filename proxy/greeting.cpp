#include "proxy/greeting.hpp"

#include <optional>
#include <string>
#include <utility>

#include "protocol/postgres/client_greeting.hpp"
#include "protocol/postgres/messages.hpp"
#include "proxy/message_reader.hpp"
#include "proxy/tls_context.hpp"

namespace curfew::proxy {
namespace {

constexpr char tls_handshake_record = 0x16;  // RFC 8446, section 5.1

Dropped dropped(ReadStatus status) {
    return {status == ReadStatus::interrupted ? "interrupted" : "client_closed", {}};
}

Dropped dropped(Stream::Status status) {
    return {status == Stream::Status::interrupted ? "interrupted" : "client_closed", {}};
}

// nullopt: TLS is up.
boost::asio::awaitable<Unless> start_tls(Stream& client, SSL_CTX* context) {
    const Result<void> up = co_await client.accept_tls(context);
    if (up) co_return std::nullopt;
    Dropped failed{client.interrupted() ? "interrupted" : "tls_error", up.error().message};
    co_return Failure{std::move(failed)};
}

// A client may begin with TLS at once; then it must say by ALPN that it means PostgreSQL, so that no other
// protocol's client can be led here.
boost::asio::awaitable<Unless> start_direct_tls(Stream& client, SSL_CTX* context) {
    Unless failed = co_await start_tls(client, context);
    if (!failed && selected_alpn(client.tls()) != "postgresql") {
        Dropped wrong{"tls_error", "direct TLS without ALPN `postgresql`"};
        failed = Failure{std::move(wrong)};
    }
    co_return failed;
}

boost::asio::awaitable<Unless> negotiate(Stream& client, const postgres::StartupMessage& startup) {
    const postgres::ProtocolChoice choice = postgres::choose_protocol(startup);
    if (!choice.must_negotiate) co_return std::nullopt;
    const std::string told = postgres::negotiate_protocol_version(choice.version, startup.protocol_options);
    const Stream::Status written = co_await client.write_all(told);
    if (written == Stream::Status::ok) co_return std::nullopt;
    co_return Failure{dropped(written)};
}

Greeted from(Failure failure) {
    if (auto* refusal = std::get_if<Refusal>(&failure)) return std::move(*refusal);
    return std::move(std::get<Dropped>(failure));
}

}  // namespace

boost::asio::awaitable<Greeted> greet(Stream& client, config::ClientTls mode, SSL_CTX* context) {
    const Stream::Status first = co_await client.wait(Stream::Status::want_read);
    if (first != Stream::Status::ok) co_return dropped(first);
    if (context != nullptr && client.peek() == tls_handshake_record) {
        Unless failed = co_await start_direct_tls(client, context);
        if (failed) co_return from(std::move(*failed));
    }
    postgres::ClientGreeting greeting{{context != nullptr, mode == config::ClientTls::require},
                                      client.encrypted()};
    for (;;) {
        ReadPacket read = co_await read_startup_packet(client);
        if (read.status == ReadStatus::too_long) {
            co_return refuse("08P01", "invalid length of startup packet", "protocol_error", {},
                             "This port speaks PostgreSQL's protocol.");
        }
        if (read.status != ReadStatus::ok) co_return dropped(read.status);
        const bool more_behind = !client.encrypted() && client.peek().has_value();
        auto action = greeting.on_packet(postgres::parse_startup_packet(read.packet), more_behind);
        if (auto* start = std::get_if<postgres::ClientGreeting::Start>(&action)) {
            Unless failed = co_await negotiate(client, start->startup);
            if (failed) co_return from(std::move(*failed));
            co_return std::move(start->startup);
        }
        if (auto* cancel = std::get_if<postgres::ClientGreeting::Cancel>(&action))
            co_return std::move(cancel->request);
        if (auto* error = std::get_if<postgres::StartupError>(&action)) {
            co_return refuse(error->sqlstate, std::move(error->message), "protocol_error");
        }
        const char answer = std::get<postgres::ClientGreeting::Answer>(action).byte;
        const Stream::Status written = co_await client.write_all({&answer, 1});
        if (written != Stream::Status::ok) co_return dropped(written);
        if (answer == 'S') {
            Unless failed = co_await start_tls(client, context);
            if (failed) co_return from(std::move(*failed));
        }
    }
}

}  // namespace curfew::proxy
