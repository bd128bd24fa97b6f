// Opening a connection to a resource's PostgreSQL, up to where the StartupMessage may be sent.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

// Whether to use TLS on this attempt.
enum class TlsAttempt {
    as_configured,  // what sslmode says first: `allow` begins in plaintext, `prefer` with TLS
    insist,         // the second attempt of `allow`, once PostgreSQL refused plaintext: TLS if it is offered
};

// Connects to `resource.upstream`, every address of its name in turn (each gets its share of `at_most`), and
// negotiates TLS by its sslmode (libpq's meaning: `prefer` takes plaintext where PostgreSQL answers N or the
// handshake fails, `allow` where it answers N). After an SSLRequest exactly one byte is read for the answer,
// so nothing that came in plaintext is ever taken for TLS-protected input (CVE-2021-23222), and no error text
// received before TLS is shown to anybody (CVE-2024-10977). `context` is resource's client context
// (make_client_context) and outlives the stream; may be nullptr with sslmode disable and on Unix sockets.
// `executor` is that of the awaiting coroutine. Only the look-up of a name may go on past the end, and
// touches nothing of the caller's.
//
// `addresses`: where to connect to, instead of all that the name stands for.
//
// unavailable: not reachable within `at_most`, or TLS cannot be had as configured; for the log, it names
// address and reason. Cancelled (terminal cancellation of the awaiting coroutine): conflict.
boost::asio::awaitable<Result<Stream>> connect_upstream(boost::asio::any_io_executor executor,
                                                        config::Resource resource, SSL_CTX* context,
                                                        TlsAttempt attempt, Duration at_most,
                                                        std::vector<Stream::Endpoint> addresses = {});

// Sends a CancelRequest on a connection of its own, secured like any other, and returns when PostgreSQL has
// dealt with it (it closes the connection), or `at_most` has passed. True if it was taken. `address`: the
// Stream::peer() of the connection to cancel on, for a name can stand for more servers than one; absent:
// looked up anew.
boost::asio::awaitable<bool> send_cancel(boost::asio::any_io_executor executor, config::Resource resource,
                                         SSL_CTX* context, postgres::CancelRequest cancel, Duration at_most,
                                         std::optional<Stream::Endpoint> address = std::nullopt);

}  // namespace curfew::proxy
