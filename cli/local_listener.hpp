// Where local clients connect: a port of the loopback, or a Unix socket in a private directory.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/proxy_link.hpp"

namespace curfew::cli {

struct LocalAddress {
    std::uint16_t port = 0;  // 0, on the loopback: any that is free
    std::string directory;   // of a Unix socket .s.PGSQL.PORT; empty: 127.0.0.1

    bool is_unix() const noexcept { return !directory.empty(); }
};

// Belongs to its executor's thread once that runs.
class LocalListener {
public:
    // `directory` is made if it is not there. usage: others could get at it. failed: no such socket can be
    // had; somebody else listens there, say.
    static Outcome<std::unique_ptr<LocalListener>> open(const boost::asio::any_io_executor& executor,
                                                        LocalAddress address);
    ~LocalListener();
    LocalListener(const LocalListener&) = delete;
    LocalListener& operator=(const LocalListener&) = delete;

    // With the port that was found.
    const LocalAddress& address() const noexcept { return address_; }

    // The next connection that is this user's (or root's); what others make is closed at once. Throws
    // boost::system::system_error where none can be had, or the listener is closed.
    boost::asio::awaitable<StreamSocket> accept();
    bool is_open() const noexcept { return acceptor_.is_open(); }
    void close();

private:
    using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

    LocalListener(const boost::asio::any_io_executor& executor, LocalAddress address)
        : acceptor_{executor}, address_{std::move(address)} {}
    Outcome<void> prepare_directory();
    Outcome<void> bind();
    bool is_own(const StreamSocket& client) const;
    std::string socket_path() const;

    Acceptor acceptor_;
    LocalAddress address_;
    bool made_directory_ = false;
    bool made_socket_ = false;
};

}  // namespace curfew::cli
