#include "proxy/person_login.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"
#include "protocol/postgres/person_authentication.hpp"
#include "proxy/message_reader.hpp"
#include "proxy/tls_context.hpp"

namespace curfew::proxy {
namespace {

using postgres::PersonAuthentication;

constexpr const char* authentication_failed = "authentication_failed";
constexpr const char* protocol_error = "protocol_error";

struct Verifier {
    postgres::ScramVerifier verifier;
    bool known = false;
};

Verifier verifier_of(const std::string& user, const config::Config& config, const Secret* of_grant,
                     const Secret& secret) {
    const config::User* found = config.find_user(user);
    const Secret* kept = of_grant;
    if (kept == nullptr && found != nullptr && found->scram_verifier) kept = &*found->scram_verifier;
    if (found != nullptr && kept != nullptr) {
        if (auto parsed = postgres::ScramVerifier::parse(kept->reveal())) return {*parsed, true};
    }
    return {postgres::mock_verifier(user, secret.reveal()), false};
}

bool certificate_is_of(const Stream& client, const std::string& user, const config::Config& config) {
    const auto name = verified_peer_name(client.tls());
    const config::User* found = config.find_user(user);
    return name && found != nullptr && *name == found->certificate_name;
}

Refusal certificate_refused(const std::string& user) {
    return refuse(
        "28000", "certificate authentication failed for user \"" + printable(user) + "\"",
        authentication_failed, {},
        "Connect with TLS and a client certificate that carries this user's name (sslcert, sslkey).");
}

Refusal rejected(const PersonAuthentication::Rejected& how) {
    return refuse(how, how.sqlstate == "28P01" ? authentication_failed : protocol_error);
}

boost::asio::awaitable<Unless> by_scram(Stream& client, PersonAuthentication& authentication) {
    std::string bytes = authentication.begin();
    std::string memory;
    for (;;) {
        const Stream::Status written = co_await client.write_all(bytes);
        if (written != Stream::Status::ok) {
            Dropped gone{written == Stream::Status::interrupted ? "interrupted" : "client_closed", {}};
            co_return Failure{std::move(gone)};
        }
        const ReadMessage read = co_await read_message(client, memory, postgres::longest_password_message);
        if (read.status == ReadStatus::too_long)
            co_return Failure{rejected(PersonAuthentication::reject_length())};
        if (read.status != ReadStatus::ok) {
            Dropped gone{read.status == ReadStatus::interrupted ? "interrupted" : "client_closed", {}};
            co_return Failure{std::move(gone)};
        }
        PersonAuthentication::Step step = authentication.on_message(read.message);
        if (auto* rejection = std::get_if<PersonAuthentication::Rejected>(&step))
            co_return Failure{rejected(*rejection)};
        if (auto* accepted = std::get_if<PersonAuthentication::Accepted>(&step)) {
            const Stream::Status said = co_await client.write_all(accepted->bytes);
            if (said == Stream::Status::ok) co_return std::nullopt;
            Dropped gone{said == Stream::Status::interrupted ? "interrupted" : "client_closed", {}};
            co_return Failure{std::move(gone)};
        }
        bytes = std::move(std::get<PersonAuthentication::Send>(step).bytes);
    }
}

}  // namespace

boost::asio::awaitable<Unless> authenticate_person(Stream& client, std::string user,
                                                   const config::Resource& resource,
                                                   const config::Config& config, const Secret* grant_verifier,
                                                   const Secret& installation_secret) {
    using Method = config::PersonAuthentication;
    if (resource.authentication != Method::scram && certificate_is_of(client, user, config))
        co_return std::nullopt;
    if (resource.authentication == Method::certificate) co_return Failure{certificate_refused(user)};
    const Verifier verifier = verifier_of(user, config, grant_verifier, installation_secret);
    PersonAuthentication authentication{user, verifier.verifier, verifier.known,
                                        own_channel_binding(client.tls())};
    co_return co_await by_scram(client, authentication);
}

}  // namespace curfew::proxy
