// Logging in to PostgreSQL for a client, from the StartupMessage to the first ReadyForQuery.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/refusal.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

// Sends `startup` to PostgreSQL and relays the login between it and the client (login: passthrough), or logs
// in with the resource's own role (managed; the client is told AuthenticationOk). Nothing returned: both
// sides are authenticated. `plaintext_refused`: set where sslmode `allow` calls for another attempt, with
// TLS; then nothing was told to the client.
boost::asio::awaitable<Unless> log_in_passthrough(Stream& client, Stream& server,
                                                  postgres::StartupMessage startup,
                                                  const config::Resource& resource, bool& plaintext_refused);
boost::asio::awaitable<Unless> log_in_managed(Stream& client, Stream& server,
                                              postgres::StartupMessage startup,
                                              const config::Resource& resource, bool& plaintext_refused);

// What PostgreSQL said before its first ReadyForQuery, passed on to the client but for these.
struct Begun {
    std::optional<postgres::BackendKey> key;
    char status = 'I';  // of the ReadyForQuery, which the client has not been told
};
boost::asio::awaitable<std::variant<Begun, Refusal, Dropped>> await_ready(Stream& client, Stream& server,
                                                                          std::string resource);

}  // namespace curfew::proxy
