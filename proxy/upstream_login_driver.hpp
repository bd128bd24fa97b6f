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

// What another attempt may mend.
enum class LoginTrouble {
    none,
    plaintext_refused,  // sslmode `allow` calls for an attempt with TLS
    password_refused,   // with a role of Curfew's own: SQLSTATE 28P01
};

// Sends `startup` to PostgreSQL and relays the login between it and the client (login: passthrough), or logs
// in as `role` (else; the client is told AuthenticationOk). Nothing returned: both sides are authenticated.
// `trouble`: set if there is some; then nothing was told to the client.
boost::asio::awaitable<Unless> log_in_passthrough(Stream& client, Stream& server,
                                                  postgres::StartupMessage startup,
                                                  const config::Resource& resource, LoginTrouble& trouble);
boost::asio::awaitable<Unless> log_in_managed(Stream& client, Stream& server,
                                              postgres::StartupMessage startup,
                                              const config::UpstreamRole& role,
                                              const config::Resource& resource, LoginTrouble& trouble);

// What PostgreSQL said before its first ReadyForQuery, passed on to the client but for these.
struct Begun {
    std::optional<postgres::BackendKey> key;
    char status = 'I';            // of the ReadyForQuery, which the client has not been told
    std::string client_encoding;  // these have been passed on; empty: not said
    std::string standard_conforming_strings;
};
boost::asio::awaitable<std::variant<Begun, Refusal, Dropped>> await_ready(Stream& client, Stream& server,
                                                                          std::string resource);

}  // namespace curfew::proxy
