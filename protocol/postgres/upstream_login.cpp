#include "protocol/postgres/upstream_login.hpp"

#include <utility>

#include "base/text.hpp"
#include "protocol/postgres/login_failure.hpp"
#include "protocol/postgres/md5_auth.hpp"
#include "protocol/postgres/sasl_messages.hpp"
#include "protocol/postgres/scram_mechanism.hpp"

namespace curfew::postgres {
namespace {

using Failed = UpstreamLogin::Failed;

Failed failed(std::string what) {
    return {"the PostgreSQL server " + std::move(what), std::nullopt};
}

Failed failed_by(const Error& error) {
    return {error.message, std::nullopt};
}

Failed refused(const Message& error_response) {
    const auto refusal = read_refusal(error_response);
    if (!refusal) return failed("sent an error that cannot be understood");
    Failed failure = failed("refused the login: " + refusal->reason);
    if (!refusal->sqlstate.empty()) failure.sqlstate = refusal->sqlstate;
    return failure;
}

// Methods that Curfew does not speak, by PostgreSQL's numbers; those before 7 are gone from it.
std::string name_of_method(AuthenticationCode code) {
    switch (code) {
        case AuthenticationCode::gss:
            return "GSSAPI";
        case AuthenticationCode::sspi:
            return "SSPI";
        default:
            return "unknown (number " + std::to_string(static_cast<std::uint32_t>(code)) + ")";
    }
}

std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (const auto name : names)
        text.append(text.empty() ? "" : ", ").append(name);
    return text;
}

}  // namespace

UpstreamLogin::UpstreamLogin(std::string user, std::optional<Secret> password,
                             std::optional<ChannelBinding> binding, Privacy privacy, RandomBytes random)
    : user_{std::move(user)},
      password_{std::move(password)},
      binding_{std::move(binding)},
      privacy_{privacy},
      random_{std::move(random)} {
    if (password_ && password_->empty()) password_.reset();
}

UpstreamLogin::Step UpstreamLogin::on_message(const Message& message) {
    // Whatever happens below ends the login, unless the server's turn is next.
    if (std::exchange(over_, true)) return failed("sent a message after the end of the login");
    switch (message.type) {
        case 'R': {
            Step step = on_authentication(message.body);
            over_ = std::holds_alternative<Authenticated>(step) || std::holds_alternative<Failed>(step);
            return step;
        }
        case 'E':
            return refused(message);
        case 'N':  // NoticeResponse
        case 'v':  // NegotiateProtocolVersion: the BackendKeyData will show which version it is
            over_ = false;
            return Wait{};
        default:
            return failed("sent a " + name_of_type(message.type) + " before the login was over");
    }
}

UpstreamLogin::Step UpstreamLogin::on_authentication(std::string_view body) {
    const auto code = authentication_code(body);
    if (!code) return failed("sent an authentication request that is too short");
    const auto rest = body.substr(4);
    switch (*code) {
        case AuthenticationCode::ok:
            return on_ok(rest);
        case AuthenticationCode::sasl_continue:
            return on_sasl_continue(rest);
        case AuthenticationCode::sasl_final:
            return on_sasl_final(rest);
        default:
            return on_method(*code, rest);
    }
}

UpstreamLogin::Step UpstreamLogin::on_method(AuthenticationCode code, std::string_view rest) {
    if (std::exchange(asked_, true)) return failed("asks for a second authentication");
    const bool is_password_method = code == AuthenticationCode::cleartext_password ||
                                    code == AuthenticationCode::md5_password ||
                                    code == AuthenticationCode::sasl;
    if (!is_password_method) {
        return failed("asks for a way of authentication that Curfew does not have, " + name_of_method(code) +
                      ": have pg_hba.conf ask this role for scram-sha-256 or cert");
    }
    if (!password_) {
        return failed("asks for a password, and none is configured for the resource: set role.password");
    }
    if (code == AuthenticationCode::cleartext_password) return on_cleartext();
    return code == AuthenticationCode::md5_password ? on_md5(rest) : on_sasl(rest);
}

UpstreamLogin::Step UpstreamLogin::on_ok(std::string_view rest) const {
    if (!rest.empty()) return failed("sent an AuthenticationOk that cannot be understood");
    if (scram_ && !scram_->server_proven()) {
        return failed(
            "left SCRAM without proving that it knows the password: it may not be the server it "
            "claims to be");
    }
    return Authenticated{};
}

UpstreamLogin::Step UpstreamLogin::on_cleartext() const {
    if (privacy_ != Privacy::verified) {
        return failed(
            "asks for the password in cleartext, and whoever passes for it could read it: set "
            "tls.sslmode to verify-full, or have pg_hba.conf ask for scram-sha-256");
    }
    return Send{Secret{password_message(password_->reveal())}};  // the method asks for the password itself
}

UpstreamLogin::Step UpstreamLogin::on_md5(std::string_view salt) const {
    if (salt.size() != 4) return failed("sent an MD5 challenge that cannot be understood");
    const auto response = md5_response(user_, password_->reveal(), salt);  // hashed
    if (!response) {
        return failed(
            "asks for an MD5 password, and this system's OpenSSL has no MD5: set the role's password "
            "anew with password_encryption = 'scram-sha-256'");
    }
    return Send{Secret{password_message(*response)}};
}

UpstreamLogin::Step UpstreamLogin::on_sasl(std::string_view list) {
    const auto offered = parse_sasl_mechanisms(list);
    if (!offered) return failed("sent a list of SASL mechanisms that cannot be understood");
    const auto chosen = choose_scram_mechanism(*offered, binding_.has_value());
    if (!chosen) {
        return failed("offers no SASL mechanism that Curfew can do on this connection, but " +
                      joined(*offered) + ": have pg_hba.conf ask this role for scram-sha-256 or cert");
    }
    scram_.emplace(*password_, binding_, *chosen == ScramMechanism::sha_256_plus, random_);
    return Send{Secret{sasl_initial_response(to_string(*chosen), scram_->client_first())}};
}

UpstreamLogin::Step UpstreamLogin::on_sasl_continue(std::string_view data) {
    if (!scram_) return failed("sent a SCRAM challenge out of turn");
    const auto response = scram_->on_server_first(data);
    if (!response) return failed_by(response.error());
    return Send{Secret{sasl_response(*response)}};
}

UpstreamLogin::Step UpstreamLogin::on_sasl_final(std::string_view data) {
    if (!scram_) return failed("sent the end of a SCRAM exchange out of turn");
    const auto proven = scram_->on_server_final(data);
    if (!proven) return failed_by(proven.error());
    return Wait{};
}

}  // namespace curfew::postgres
