#include "proxy/upstream_login_driver.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "protocol/postgres/passthrough_login.hpp"
#include "protocol/postgres/session_start.hpp"
#include "protocol/postgres/upstream_login.hpp"
#include "proxy/event.hpp"
#include "proxy/message_reader.hpp"
#include "proxy/task_group.hpp"
#include "proxy/tls_context.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using postgres::longest_login_message;

namespace {

constexpr const char* upstream_refused = "upstream_refused";
constexpr const char* upstream_unavailable = "upstream_unavailable";
constexpr std::string_view wrong_password = "28P01";

Failure client_gone(Stream::Status status) {
    Dropped gone{status == Stream::Status::interrupted ? "interrupted" : "client_closed", {}};
    return gone;
}

Failure server_gone(bool interrupted, const std::string& resource) {
    if (interrupted) {
        Dropped gone{"interrupted", {}};
        return gone;
    }
    return refuse("08006",
                  "PostgreSQL of resource \"" + resource + "\" closed the connection during the login",
                  upstream_unavailable);
}

Failure unreadable(ReadStatus status, const std::string& resource) {
    if (status != ReadStatus::too_long) return server_gone(status == ReadStatus::interrupted, resource);
    return refuse(postgres::server_violation("sent a message that is too long for a login"),
                  upstream_unavailable);
}

asio::awaitable<Unless> tell(Stream& client, std::string bytes) {
    const Stream::Status written = co_await client.write_all(bytes);
    if (written == Stream::Status::ok) co_return std::nullopt;
    co_return client_gone(written);
}

asio::awaitable<Unless> send(Stream& server, const Secret& bytes, const std::string& resource) {
    // The peer that this is for, and nobody else, gets to see it.
    const Stream::Status written = co_await server.write_all(bytes.reveal());
    if (written == Stream::Status::ok) co_return std::nullopt;
    co_return server_gone(written == Stream::Status::interrupted, resource);
}

asio::awaitable<Unless> start(Stream& server, const postgres::StartupMessage& startup,
                              const std::string& resource) {
    const Secret bytes{postgres::build_startup_message(startup)};
    co_return co_await send(server, bytes, resource);
}

asio::awaitable<void> note_readable(Stream& stream, bool& readable, Event& event) {
    const Stream::Status status = co_await stream.wait_for_input();
    readable = status != Stream::Status::interrupted;
    event.notify();
}

// Waits for either side: in the middle of GSSAPI only the two of them know who is next, and while a client is
// asked for its password PostgreSQL may lose its patience. True if it is the client.
asio::awaitable<bool> client_is_next(Stream& client, Stream& server) {
    const auto executor = co_await asio::this_coro::executor;
    Event event{executor};
    bool client_readable = false;
    bool server_readable = false;
    TaskGroup watchers{executor};
    watchers.spawn(note_readable(client, client_readable, event));
    watchers.spawn(note_readable(server, server_readable, event));
    co_await event.wait();
    // Not by interrupting them, which somebody else may do at any moment and wants to be noticed.
    client.call_back();
    server.call_back();
    co_await watchers.join();
    co_return client_readable && !server_readable;
}

asio::awaitable<Unless> client_turn(Stream& client, Stream& server, postgres::PassthroughLogin& login,
                                    const std::string& resource, std::string& memory) {
    const ReadMessage read = co_await read_message(client, memory, longest_login_message);
    if (read.status == ReadStatus::too_long)
        co_return Failure{refuse("08P01", "a message is too long for a login", "protocol_error")};
    if (read.status != ReadStatus::ok) {
        co_return client_gone(read.status == ReadStatus::interrupted ? Stream::Status::interrupted
                                                                     : Stream::Status::eof);
    }
    postgres::PassthroughLogin::ClientStep step = login.on_client(read.message);
    if (auto* failed = std::get_if<postgres::PassthroughLogin::Failed>(&step)) {
        const bool binding = failed->sqlstate == "28000";
        co_return Failure{refuse(*failed, binding ? "channel_binding" : "protocol_error")};
    }
    co_return co_await send(server, std::get<postgres::PassthroughLogin::ToServer>(step).bytes, resource);
}

// SQLSTATE invalid_authorization_specification, said before anything else: no line of pg_hba.conf for a
// connection without TLS.
bool may_want_tls(const std::string& sqlstate, const Stream& server, const config::Resource& resource) {
    return sqlstate == "28000" && !server.encrypted() && !resource.upstream.is_unix() &&
           resource.tls.mode == config::SslMode::allow;
}

postgres::Privacy privacy_of(const Stream& server, const config::Resource& resource) {
    if (resource.upstream.is_unix()) return postgres::Privacy::verified;
    if (!server.encrypted()) return postgres::Privacy::none;
    const bool verified =
        resource.tls.mode == config::SslMode::verify_full || resource.tls.mode == config::SslMode::verify_ca;
    return verified ? postgres::Privacy::verified : postgres::Privacy::encrypted;
}

Refusal role_refused(const postgres::UpstreamLogin::Failed& failed, const std::string& resource) {
    return refuse("08006", "Curfew cannot log in to resource \"" + resource + "\"", upstream_refused,
                  failed.reason, "Tell an administrator: Curfew's log says why.");
}

}  // namespace

asio::awaitable<Unless> log_in_passthrough(Stream& client, Stream& server, postgres::StartupMessage startup,
                                           const config::Resource& resource, LoginTrouble& trouble) {
    Unless failure = co_await start(server, startup, resource.name);
    postgres::PassthroughLogin login;
    std::string memory;
    bool told = false;
    while (!failure) {
        using Login = postgres::PassthroughLogin;
        bool from_client = false;
        if (login.turn() != Login::Turn::server) from_client = co_await client_is_next(client, server);
        if (from_client) {
            failure = co_await client_turn(client, server, login, resource.name, memory);
            continue;
        }
        const ReadMessage read = co_await read_message(server, memory, longest_login_message);
        if (read.status != ReadStatus::ok) co_return unreadable(read.status, resource.name);
        Login::ServerStep step = login.on_server(read.message);
        if (auto* to_client = std::get_if<Login::ToClient>(&step)) {
            told = true;
            failure = co_await tell(client, std::move(to_client->bytes));
        } else if (auto* authenticated = std::get_if<Login::Authenticated>(&step)) {
            co_return co_await tell(client, std::move(authenticated->bytes));
        } else if (auto* refused = std::get_if<Login::Refused>(&step)) {
            if (!told && may_want_tls(refused->sqlstate, server, resource))
                trouble = LoginTrouble::plaintext_refused;
            Refusal theirs{std::move(refused->bytes), upstream_refused, std::move(refused->reason)};
            co_return Failure{std::move(theirs)};
        } else if (auto* failed = std::get_if<Login::Failed>(&step)) {
            co_return Failure{refuse(*failed, upstream_refused)};
        }
    }
    co_return failure;
}

asio::awaitable<Unless> log_in_managed(Stream& client, Stream& server, postgres::StartupMessage startup,
                                       const config::UpstreamRole& role, const config::Resource& resource,
                                       LoginTrouble& trouble) {
    startup.user = role.user;
    Unless failure = co_await start(server, startup, resource.name);
    postgres::UpstreamLogin login{role.user, role.password, peer_channel_binding(server.tls()),
                                  privacy_of(server, resource)};
    std::string memory;
    bool first = true;
    while (!failure) {
        using Login = postgres::UpstreamLogin;
        const ReadMessage read = co_await read_message(server, memory, longest_login_message);
        if (read.status != ReadStatus::ok) co_return unreadable(read.status, resource.name);
        Login::Step step = login.on_message(read.message);
        if (auto* answer = std::get_if<Login::Send>(&step)) {
            failure = co_await send(server, answer->bytes, resource.name);
        } else if (std::holds_alternative<Login::Authenticated>(step)) {
            co_return co_await tell(client, postgres::authentication(postgres::AuthenticationCode::ok));
        } else if (auto* failed = std::get_if<Login::Failed>(&step)) {
            if (failed->sqlstate == wrong_password) trouble = LoginTrouble::password_refused;
            if (first && failed->sqlstate && may_want_tls(*failed->sqlstate, server, resource))
                trouble = LoginTrouble::plaintext_refused;
            co_return Failure{role_refused(*failed, resource.name)};
        }
        first = false;
    }
    co_return failure;
}

asio::awaitable<std::variant<Begun, Refusal, Dropped>> await_ready(Stream& client, Stream& server,
                                                                   std::string resource) {
    const auto failed = [](Failure failure) -> std::variant<Begun, Refusal, Dropped> {
        if (auto* refusal = std::get_if<Refusal>(&failure)) return std::move(*refusal);
        return std::move(std::get<Dropped>(failure));
    };
    postgres::SessionStart session_start;
    std::string memory;
    for (;;) {
        const ReadMessage read = co_await read_message(server, memory, longest_login_message);
        if (read.status != ReadStatus::ok) co_return failed(unreadable(read.status, resource));
        postgres::SessionStart::Step step = session_start.on_message(read.message);
        if (auto* to_client = std::get_if<postgres::SessionStart::ToClient>(&step)) {
            Unless gone = co_await tell(client, std::move(to_client->bytes));
            if (gone) co_return failed(std::move(*gone));
        } else if (auto* ready = std::get_if<postgres::SessionStart::Ready>(&step)) {
            co_return Begun{session_start.backend_key(), ready->status, session_start.client_encoding(),
                            session_start.standard_conforming_strings()};
        } else if (auto* refused = std::get_if<postgres::SessionStart::Refused>(&step)) {
            co_return Refusal{std::move(refused->bytes), upstream_refused, std::move(refused->reason)};
        } else if (auto* broken = std::get_if<postgres::SessionStart::Failed>(&step)) {
            co_return refuse(*broken, upstream_unavailable);
        }
    }
}

}  // namespace curfew::proxy
