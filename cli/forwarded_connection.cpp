#include "cli/forwarded_connection.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <utility>
#include <variant>

#include "cli/forwarder.hpp"
#include "protocol/postgres/client_greeting.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/passthrough_login.hpp"
#include "protocol/postgres/upstream_login.hpp"

namespace curfew::cli {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr auto patience = 2s;
constexpr std::string_view connection_failure = "08006";
constexpr std::string_view protocol_violation = "08P01";
constexpr std::string_view invalid_password = "28P01";

asio::awaitable<Outcome<GrantPassword::Issue>> renew(std::shared_ptr<GrantPassword> password,
                                                     unsigned refused) {
    co_return password->newer_than(refused);
}

}  // namespace

void ForwardedConnection::start(const asio::any_io_executor& executor, StreamSocket client,
                                const Setting& setting) {
    const auto connection = std::make_shared<ForwardedConnection>(executor, std::move(client), setting);
    // An exception is out of memory: this client is lost, others are not.
    asio::co_spawn(executor, connection->run(), [connection](const std::exception_ptr&) {});
}

ForwardedConnection::ForwardedConnection(asio::any_io_executor executor, StreamSocket client,
                                         const Setting& setting)
    : executor_{std::move(executor)}, client_{std::move(client)}, setting_{setting}, patience_{executor_} {
    ++setting_.connections;
}

ForwardedConnection::~ForwardedConnection() {
    --setting_.connections;
}

asio::awaitable<void> ForwardedConnection::run() {
    bool opened = false;
    auto startup = co_await greet();
    if (startup) opened = co_await open(std::move(*startup));
    proxy_gone_ = !opened;
    asio::co_spawn(executor_, client_to_proxy(), [self = shared_from_this()](const std::exception_ptr&) {});
    if (opened) co_await proxy_to_client();
    proxy_gone_ = true;
    co_await see_off();
}

// --- What the client says first --------------------------------------------------------------------------

asio::awaitable<std::optional<postgres::StartupMessage>> ForwardedConnection::greet() {
    // Nobody can listen between two processes of one machine.
    postgres::ClientGreeting greeting{{false, false}, false};
    for (;;) {
        auto packet = co_await read_packet();
        if (!packet) co_return std::nullopt;
        boost::system::error_code ignored;
        const bool more_behind = client_.available(ignored) > 0;
        auto action = greeting.on_packet(std::move(*packet), more_behind);
        if (auto* start = std::get_if<postgres::ClientGreeting::Start>(&action)) {
            co_await negotiate(start->startup);
            co_return std::move(start->startup);
        }
        if (const auto* cancel = std::get_if<postgres::ClientGreeting::Cancel>(&action)) {
            co_await pass_on(cancel->request);
            co_return std::nullopt;
        }
        if (auto* error = std::get_if<postgres::StartupError>(&action)) {
            co_await refuse(error->sqlstate, std::move(error->message));
            co_return std::nullopt;
        }
        const char answer = std::get<postgres::ClientGreeting::Answer>(action).byte;
        const bool told = co_await tell({&answer, 1});
        if (!told) co_return std::nullopt;
    }
}

asio::awaitable<std::optional<postgres::StartupPacket>> ForwardedConnection::read_packet() {
    std::string packet(sizeof(std::uint32_t), '\0');
    const auto [nothing, word_length] = co_await asio::async_read(client_, asio::buffer(packet), as_values);
    if (nothing) co_return std::nullopt;
    const auto length = postgres::startup_packet_length(packet.data());
    if (length == 0) {
        co_return postgres::StartupError{protocol_violation, "invalid length of startup packet"};
    }
    packet.resize(length);
    const auto rest = asio::buffer(packet) + sizeof(std::uint32_t);
    const auto [incomplete, rest_length] = co_await asio::async_read(client_, rest, as_values);
    if (incomplete) co_return std::nullopt;
    co_return postgres::parse_startup_packet(packet);
}

asio::awaitable<void> ForwardedConnection::pass_on(const postgres::CancelRequest& cancel) {
    proxy_ = std::make_shared<ProxyLink>(executor_, setting_.tls);
    const auto connected = co_await proxy_->connect(setting_.target);
    if (!connected) co_return;
    (void)co_await proxy_->write(postgres::build_cancel_request(cancel));
    // The proxy closes once it has dealt with it, and the client waits for that.
    (void)co_await proxy_->read_some(from_proxy_);
    proxy_->close();
}

asio::awaitable<void> ForwardedConnection::negotiate(postgres::StartupMessage& startup) {
    const auto choice = postgres::choose_protocol(startup);
    if (choice.must_negotiate) {
        const auto told = postgres::negotiate_protocol_version(choice.version, startup.protocol_options);
        (void)co_await tell(told);
    }
    startup.version = choice.version;
}

// --- Logging in -------------------------------------------------------------------------------------------

asio::awaitable<bool> ForwardedConnection::open(postgres::StartupMessage startup) {
    startup.database = database_for(setting_.target, startup);
    if (setting_.password) {
        startup.user = setting_.target.user;
        co_return co_await log_in(startup);
    }
    const bool begun = co_await begin(startup);
    if (!begun) co_return false;
    co_return co_await let_log_in();
}

asio::awaitable<bool> ForwardedConnection::begin(const postgres::StartupMessage& startup) {
    if (proxy_) proxy_->close();
    proxy_ = std::make_shared<ProxyLink>(executor_, setting_.tls);
    const auto connected = co_await proxy_->connect(setting_.target);
    if (!connected) {
        co_await refuse(connection_failure, connected.error().message);
        co_return false;
    }
    // Where it fails there is an answer to be read all the same.
    (void)co_await proxy_->write(postgres::build_startup_message(startup));
    co_return true;
}

asio::awaitable<bool> ForwardedConnection::log_in(const postgres::StartupMessage& startup) {
    auto issue = setting_.password->current();
    for (bool last_attempt : {false, true}) {
        const bool begun = co_await begin(startup);
        if (!begun) co_return false;
        const Login login = co_await log_in_with(issue.password, last_attempt);
        if (login != Login::password_refused) co_return login == Login::done;
        auto asking = renew(setting_.password, issue.number);
        auto renewed = co_await asio::co_spawn(setting_.waiters, std::move(asking), asio::use_awaitable);
        if (!renewed) {
            co_await refuse(invalid_password, std::move(renewed.error().message));
            co_return false;
        }
        issue = std::move(*renewed);
    }
    co_return false;
}

asio::awaitable<ForwardedConnection::Login> ForwardedConnection::log_in_with(const Secret& password,
                                                                             bool last_attempt) {
    postgres::UpstreamLogin login{setting_.target.user, password, proxy_->channel_binding(),
                                  proxy_->privacy(setting_.target)};
    std::string memory;
    for (;;) {
        const auto message = co_await proxy_->read_message(memory);
        if (!message) {
            co_await refuse(connection_failure, "Curfew's proxy closed the connection during the login");
            co_return Login::over;
        }
        if (message->type == 'E') co_return co_await refused(*message, last_attempt);
        const auto step = login.on_message(*message);
        if (const auto* send = std::get_if<postgres::UpstreamLogin::Send>(&step)) {
            // The proxy, which it is for, gets to see it.
            (void)co_await proxy_->write(send->bytes.reveal());
        } else if (const auto* failed = std::get_if<postgres::UpstreamLogin::Failed>(&step)) {
            co_await refuse(connection_failure, fmt::format("Curfew's proxy: {}", failed->reason));
            co_return Login::over;
        } else if (std::holds_alternative<postgres::UpstreamLogin::Authenticated>(step)) {
            (void)co_await tell(postgres::authentication(postgres::AuthenticationCode::ok));
            co_return Login::done;
        }
    }
}

asio::awaitable<ForwardedConnection::Login> ForwardedConnection::refused(const postgres::Message& error,
                                                                         bool last_attempt) {
    const auto fields = postgres::parse_report_fields(error.body);
    if (!last_attempt && fields) {
        const auto sqlstate = fields->find('C');
        if (sqlstate != fields->end() && sqlstate->second == invalid_password)
            co_return Login::password_refused;
    }
    (void)co_await tell(postgres::encode(error));
    co_return Login::over;
}

// Up to what the proxy asks the client for: the rest is theirs. SCRAM's channel binding is taken off the
// offer, which the client, who has no TLS, would take for an attack.
asio::awaitable<bool> ForwardedConnection::let_log_in() {
    using Passthrough = postgres::PassthroughLogin;
    Passthrough login;
    std::string memory;
    for (;;) {
        const auto message = co_await proxy_->read_message(memory);
        if (!message) {
            co_await refuse(connection_failure, "Curfew's proxy closed the connection during the login");
            co_return false;
        }
        auto step = login.on_server(*message);
        if (std::holds_alternative<Passthrough::Wait>(step)) continue;
        if (auto* failed = std::get_if<Passthrough::Failed>(&step)) {
            co_await refuse(failed->sqlstate, std::move(failed->message));
            co_return false;
        }
        if (const auto* refusal = std::get_if<Passthrough::Refused>(&step)) {
            (void)co_await tell(refusal->bytes);
            co_return false;
        }
        const auto* question = std::get_if<Passthrough::ToClient>(&step);
        const auto* authenticated = std::get_if<Passthrough::Authenticated>(&step);
        (void)co_await tell(question != nullptr ? question->bytes : authenticated->bytes);
        co_return true;
    }
}

// --- Relaying ---------------------------------------------------------------------------------------------

asio::awaitable<void> ForwardedConnection::client_to_proxy() {
    for (;;) {
        const auto [ended, length] = co_await client_.async_read_some(asio::buffer(from_client_), as_values);
        if (ended) break;
        if (proxy_gone_) continue;
        const auto [unsent, sent] = co_await proxy_->write({from_client_.data(), length});
        // Its last words may still be on their way to the client.
        if (unsent) proxy_gone_ = true;
    }
    client_gone_ = true;
    if (!proxy_gone_) proxy_->shutdown_write();
    patience_.cancel();
}

asio::awaitable<void> ForwardedConnection::proxy_to_client() {
    for (;;) {
        const auto [ended, length] = co_await proxy_->read_some(from_proxy_);
        if (length > 0) {
            const bool told = co_await tell({from_proxy_.data(), length});
            if (!told) break;
        }
        if (ended) break;
    }
}

asio::awaitable<void> ForwardedConnection::see_off() {
    boost::system::error_code ignored;
    (void)client_.shutdown(asio::socket_base::shutdown_send, ignored);
    if (!client_gone_) {
        patience_.expires_after(patience);
        (void)co_await patience_.async_wait(as_values);
    }
    (void)client_.close(ignored);
    if (proxy_) proxy_->close();
}

asio::awaitable<void> ForwardedConnection::refuse(std::string_view sqlstate, std::string message) {
    const auto bytes = postgres::error_response({"FATAL", sqlstate, std::move(message), "", ""});
    (void)co_await tell(bytes);
}

asio::awaitable<bool> ForwardedConnection::tell(std::string_view bytes) {
    const auto [error, length] = co_await asio::async_write(client_, asio::buffer(bytes), as_values);
    co_return !error;
}

}  // namespace curfew::cli
