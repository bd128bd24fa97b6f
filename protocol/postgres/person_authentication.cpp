#include "protocol/postgres/person_authentication.hpp"

#include <utility>

#include "base/text.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/sasl_messages.hpp"
#include "protocol/postgres/scram_mechanism.hpp"
#include "protocol/postgres/startup.hpp"

namespace curfew::postgres {
namespace {

LoginFailure client_violation(std::string_view reason) {
    return {"08P01", "malformed or unexpected message in the SCRAM-SHA-256 exchange", std::string{reason}};
}

}  // namespace

PersonAuthentication::PersonAuthentication(std::string user, const ScramVerifier& verifier, bool known_user,
                                           std::optional<ChannelBinding> binding, RandomBytes random)
    : user_{std::move(user)},
      verifier_{verifier},
      known_user_{known_user},
      binding_{std::move(binding)},
      random_{std::move(random)} {}

std::string PersonAuthentication::begin() const {
    return authentication_sasl(offered_scram_mechanisms(binding_.has_value()));
}

PersonAuthentication::Step PersonAuthentication::on_message(const Message& message) {
    // Whatever happens below ends the authentication, unless it asks the client for more.
    if (std::exchange(over_, true))
        return client_violation("the client sent a message after the end of the exchange");
    if (message.type != 'p') return not_a_password(message.type);
    if (message.body.size() > longest_password_message) return reject_length();
    return scram_ ? step(*scram_, message.body) : on_initial_response(message.body);
}

PersonAuthentication::Step PersonAuthentication::on_initial_response(std::string_view body) {
    const auto response = parse_sasl_initial_response(body);
    if (!response) return client_violation("the client sent a malformed SASLInitialResponse");
    const auto mechanism = parse_scram_mechanism(response->mechanism);
    if (!mechanism || (*mechanism == ScramMechanism::sha_256_plus && !binding_)) {
        return LoginFailure{"08P01", "client selected an invalid SASL authentication mechanism",
                            "the client chose the SASL mechanism " + printable(response->mechanism) +
                                ", which was not offered"};
    }
    scram_.emplace(verifier_, known_user_, *mechanism, binding_, random_);
    return step(*scram_, response->data);
}

PersonAuthentication::Step PersonAuthentication::step(ScramServer& scram,
                                                      std::optional<std::string_view> data) {
    const auto outcome = scram.step(data);
    if (const auto* by_scram = std::get_if<ScramServer::Rejected>(&outcome)) return rejected(*by_scram);
    if (const auto* accepted = std::get_if<ScramServer::Accepted>(&outcome)) {
        return Accepted{authentication(AuthenticationCode::sasl_final, accepted->message)};
    }
    over_ = false;
    return Send{
        authentication(AuthenticationCode::sasl_continue, std::get<ScramServer::Challenge>(outcome).message)};
}

PersonAuthentication::Rejected PersonAuthentication::rejected(const ScramServer::Rejected& by_scram) const {
    if (by_scram.kind == ScramServer::Rejected::Kind::protocol_violation)
        return client_violation(by_scram.reason);
    return {"28P01", "password authentication failed for user \"" + printable(user_, longest_name) + "\"",
            std::string{by_scram.reason}};
}

PersonAuthentication::Rejected PersonAuthentication::reject_length() {
    return {"08P01", "invalid message length",
            "the client sent a message of an impossible length where its password must come"};
}

}  // namespace curfew::postgres
