#include "protocol/postgres/passthrough_login.hpp"

#include <algorithm>
#include <utility>

#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/sasl_messages.hpp"
#include "protocol/postgres/scram_mechanism.hpp"

namespace curfew::postgres {
namespace {

constexpr std::string_view for_the_administrator =
    "login: managed for this resource, or a connection from Curfew to PostgreSQL by its Unix socket or with "
    "tls.sslmode: disable";

LoginFailure only_bound_logins() {
    return {
        "28000",
        "PostgreSQL offers only logins with channel binding, and those cannot work through Curfew here, "
        "because TLS ends at Curfew: ask the administrator for " +
            std::string{for_the_administrator},
        "the PostgreSQL server offers only SCRAM-SHA-256-PLUS, which cannot work with login: passthrough"};
}

LoginFailure client_wants_binding() {
    return {
        "28000",
        "channel binding cannot work through Curfew here, because TLS ends at Curfew, and PostgreSQL would "
        "take its absence for an attack: connect with channel_binding=disable (JDBC: "
        "channelBinding=disable), or ask the administrator for " +
            std::string{for_the_administrator},
        "the client insists on channel binding, which cannot work with login: passthrough"};
}

// Whether the client says in its first SCRAM message that it has, or could have, bound itself to its TLS
// connection: the server, which offered that, would take it for a downgrade by somebody in between.
bool speaks_of_binding(const SaslInitialResponse& response) {
    if (response.mechanism == to_string(ScramMechanism::sha_256_plus)) return true;
    return response.mechanism == to_string(ScramMechanism::sha_256) && response.data &&
           (response.data->starts_with('y') || response.data->starts_with('p'));
}

}  // namespace

PassthroughLogin::ServerStep PassthroughLogin::on_server(const Message& message) {
    // Whatever happens below ends the login, unless it says otherwise.
    if (std::exchange(over_, true)) return server_violation("sent a message after the end of the login");
    switch (message.type) {
        case 'R':
            return on_authentication(message);
        case 'E':
            if (auto refusal = read_refusal(message)) return std::move(*refusal);
            return server_violation("sent an error that cannot be understood");
        case 'N':  // NoticeResponse
        case 'v':  // NegotiateProtocolVersion
            over_ = false;
            return Wait{};
        default:
            return server_violation("sent a " + name_of_type(message.type) + " before the login was over");
    }
}

PassthroughLogin::ServerStep PassthroughLogin::on_authentication(const Message& message) {
    const auto code = authentication_code(message.body);
    if (!code) return server_violation("sent an authentication request that is too short");
    if (turn_ == Turn::client) return server_violation("did not wait for the client's password");
    switch (*code) {
        case AuthenticationCode::ok:
            return Authenticated{encode(message)};
        case AuthenticationCode::sasl:
            return on_sasl(message.body.substr(4));
        case AuthenticationCode::sasl_final:
            return ask_client(message, Turn::server);
        case AuthenticationCode::gss_continue:
            return ask_client(message, Turn::either);
        default:
            return ask_client(message, Turn::client);
    }
}

PassthroughLogin::ServerStep PassthroughLogin::on_sasl(std::string_view list) {
    auto offered = parse_sasl_mechanisms(list);
    if (!offered) return server_violation("sent a list of SASL mechanisms that cannot be understood");
    const auto plus = std::remove(offered->begin(), offered->end(), to_string(ScramMechanism::sha_256_plus));
    plus_withheld_ = plus != offered->end();
    offered->erase(plus, offered->end());
    if (offered->empty()) return only_bound_logins();

    over_ = false;
    sasl_begins_ = true;
    turn_ = Turn::client;
    return ToClient{authentication_sasl(*offered)};
}

PassthroughLogin::ServerStep PassthroughLogin::ask_client(const Message& message, Turn next) {
    over_ = false;
    turn_ = next;
    return ToClient{encode(message)};
}

PassthroughLogin::ClientStep PassthroughLogin::on_client(const Message& message) {
    if (std::exchange(over_, true) || message.type != 'p' || turn_ == Turn::server) {
        return not_a_password(message.type);
    }
    if (std::exchange(sasl_begins_, false)) {
        const auto response = parse_sasl_initial_response(message.body);
        if (!response) {
            return LoginFailure{"08P01", "malformed SASLInitialResponse",
                                "the client sent a malformed SASLInitialResponse"};
        }
        if (plus_withheld_ && speaks_of_binding(*response)) return client_wants_binding();
    }
    over_ = false;
    turn_ = Turn::server;
    return ToServer{Secret{encode(message)}};
}

}  // namespace curfew::postgres
