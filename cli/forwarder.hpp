// Forwards what local clients say to Curfew's proxy, and logs in there for them.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/secret.hpp"
#include "cli/exit_code.hpp"
#include "cli/local_listener.hpp"
#include "cli/proxy_target.hpp"

namespace curfew::cli {

// The password of a grant, and how to get another where it does not work any more: a second `curfew connect`
// gets one of its own, and that is the end of the first. Thread-safe.
class GrantPassword {
public:
    using Renew = std::function<Outcome<Secret>()>;
    struct Issue {
        Secret password;
        unsigned number = 0;
    };

    GrantPassword(Secret password, Renew renew) : issue_{std::move(password), 0}, renew_{std::move(renew)} {}

    Issue current() const;
    // One that is newer than `refused`: what another caller has got meanwhile, or a new one. Waits for the
    // server.
    Outcome<Issue> newer_than(unsigned refused);

private:
    mutable std::mutex mutex_;
    std::mutex renewing_;
    Issue issue_;
    Renew renew_;
};

// Listens as long as it lives, on a thread of its own.
class Forwarder {
public:
    struct Settings {
        LocalAddress address;
        ProxyTarget target;
        std::shared_ptr<GrantPassword> password;  // null: clients log in themselves
    };

    static Outcome<std::unique_ptr<Forwarder>> start(Settings settings);
    // Closes every connection.
    ~Forwarder();
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    // Where it listens.
    const LocalAddress& address() const noexcept { return listener_->address(); }
    // How many clients are connected.
    unsigned connections() const noexcept { return connections_; }
    // Takes no new ones; those that there are go on.
    void stop_listening();

private:
    Forwarder(Settings settings, boost::asio::ssl::context tls)
        : settings_{std::move(settings)}, tls_{std::move(tls)} {}
    boost::asio::awaitable<void> serve();

    Settings settings_;
    boost::asio::ssl::context tls_;
    std::atomic<unsigned> connections_ = 0;
    boost::asio::io_context io_{1};
    std::unique_ptr<LocalListener> listener_;
    boost::asio::thread_pool waiters_{1};
    std::thread thread_;
};

}  // namespace curfew::cli
