// One local client's connection, on its way to Curfew's proxy.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "cli/proxy_link.hpp"
#include "cli/proxy_target.hpp"
#include "protocol/postgres/startup.hpp"

namespace curfew::cli {

class GrantPassword;

// Belongs to its executor's one thread, and lives as long as the client is connected.
class ForwardedConnection : public std::enable_shared_from_this<ForwardedConnection> {
public:
    // All but the password outlives the connection.
    struct Setting {
        const ProxyTarget& target;
        boost::asio::ssl::context& tls;
        std::shared_ptr<GrantPassword> password;  // null: the client logs in itself
        std::atomic<unsigned>& connections;       // counts this one
        boost::asio::thread_pool& waiters;        // for what has to wait for the server
    };

    static void start(const boost::asio::any_io_executor& executor, StreamSocket client,
                      const Setting& setting);
    ForwardedConnection(boost::asio::any_io_executor executor, StreamSocket client, const Setting& setting);
    ~ForwardedConnection();
    ForwardedConnection(const ForwardedConnection&) = delete;
    ForwardedConnection& operator=(const ForwardedConnection&) = delete;

private:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;
    enum class Login { done, password_refused, over };

    Awaitable<void> run();
    // nullopt: it is over. It was a request to cancel, say, which has been passed on.
    Awaitable<std::optional<postgres::StartupMessage>> greet();
    Awaitable<std::optional<postgres::StartupPacket>> read_packet();
    Awaitable<void> pass_on(const postgres::CancelRequest& cancel);
    Awaitable<void> negotiate(postgres::StartupMessage& startup);
    // True: what follows is to be relayed. False: it is over, and the client knows why.
    Awaitable<bool> open(postgres::StartupMessage startup);
    Awaitable<bool> begin(const postgres::StartupMessage& startup);
    Awaitable<bool> log_in(const postgres::StartupMessage& startup);
    Awaitable<Login> log_in_with(const Secret& password, bool last_attempt);
    Awaitable<Login> refused(const postgres::Message& error, bool last_attempt);
    Awaitable<bool> let_log_in();
    Awaitable<void> client_to_proxy();
    Awaitable<void> proxy_to_client();
    // Gives the client time to read what it was told: closing at once could take it away.
    Awaitable<void> see_off();
    Awaitable<void> refuse(std::string_view sqlstate, std::string message);
    Awaitable<bool> tell(std::string_view bytes);

    boost::asio::any_io_executor executor_;
    StreamSocket client_;
    Setting setting_;
    std::shared_ptr<ProxyLink> proxy_;
    bool proxy_gone_ = false;   // takes no more, or was never there
    bool client_gone_ = false;  // sends no more
    boost::asio::steady_timer patience_;
    std::array<char, 32'768> from_client_{};
    std::array<char, 32'768> from_proxy_{};
};

}  // namespace curfew::cli
