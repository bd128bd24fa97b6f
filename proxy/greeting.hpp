// The beginning of a client's connection: encryption, and its StartupMessage or CancelRequest.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <variant>

#include "config/config.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/refusal.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

using Greeted = std::variant<postgres::StartupMessage, postgres::CancelRequest, Refusal, Dropped>;

// Answers what comes before, up to TLS where it is asked for (`context`: nullptr if the listener has none;
// outlives the stream), and tells a client that asked for a newer protocol what is spoken.
boost::asio::awaitable<Greeted> greet(Stream& client, config::ClientTls mode, SSL_CTX* context);

}  // namespace curfew::proxy
