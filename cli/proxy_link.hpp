// One connection to Curfew's proxy, in plaintext or TLS.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "base/result.hpp"
#include "cli/exit_code.hpp"
#include "cli/proxy_target.hpp"
#include "protocol/postgres/channel_binding.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/upstream_login.hpp"

namespace curfew::cli {

using StreamSocket = boost::asio::generic::stream_protocol::socket;

// What a read or write came to: how it failed, and how many bytes it moved.
using Moved = std::tuple<boost::system::error_code, std::size_t>;

// Trusts whom `target` says. failed: the root certificate cannot be used.
Outcome<boost::asio::ssl::context> make_proxy_tls(const ProxyTarget& target);

// Belongs to its executor's one thread. At most one coroutine reads and one writes at a time.
class ProxyLink : public std::enable_shared_from_this<ProxyLink> {
public:
    ProxyLink(const boost::asio::any_io_executor& executor, boost::asio::ssl::context& tls)
        : stream_{StreamSocket{executor}, tls} {}

    // unavailable: nobody is there, or not as `target` wants them; says which.
    boost::asio::awaitable<Result<void>> connect(const ProxyTarget& target);

    boost::asio::awaitable<Moved> read_some(std::span<char> buffer);
    boost::asio::awaitable<Moved> write(std::string_view bytes);
    // One whole message of at most longest_login_message bytes, into `memory`; nullopt where the proxy has
    // gone or breaks the protocol.
    boost::asio::awaitable<std::optional<postgres::Message>> read_message(std::string& memory);

    // That no more will be written; reading goes on.
    void shutdown_write();
    // Whatever waits comes back with an error.
    void close();

    // Who may overhear what is said.
    postgres::Privacy privacy(const ProxyTarget& target) const;
    std::optional<postgres::ChannelBinding> channel_binding();

private:
    boost::asio::awaitable<Result<void>> reach(const ProxyTarget& target);
    boost::asio::awaitable<Result<void>> start_tls(const ProxyTarget& target);
    boost::asio::awaitable<Moved> read_exactly(std::span<char> buffer);
    StreamSocket& socket() { return stream_.next_layer(); }

    boost::asio::ssl::stream<StreamSocket> stream_;
    bool encrypted_ = false;
    bool connected_ = false;
    bool gave_up_ = false;
};

}  // namespace curfew::cli
