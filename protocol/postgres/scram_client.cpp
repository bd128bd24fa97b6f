#include "protocol/postgres/scram_client.hpp"

#include <array>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/scram_attributes.hpp"

namespace curfew::postgres {
namespace {

Error refused(std::string message) {
    return {ErrorCode::forbidden, "the PostgreSQL server " + std::move(message)};
}

struct ServerFirst {
    std::string_view nonce;
    std::string salt;
    int iterations = 0;
};

// nullopt if malformed. Extensions may follow and are ignored; one that must not be (`m=`) comes first, where
// a nonce is expected.
std::optional<ServerFirst> read_server_first(std::string_view message) {
    if (!is_scram_text(message)) return std::nullopt;
    ScramAttributes attributes{message};
    const auto nonce = attributes.take('r');
    const auto salt_text = attributes.take('s');
    const auto iterations_text = attributes.take('i');
    if (!nonce || !is_scram_nonce(*nonce) || !salt_text || !iterations_text) return std::nullopt;
    while (attributes.next()) {
    }
    auto salt = decode_base64(*salt_text);
    const auto iterations = parse_scram_iterations(*iterations_text);
    if (!attributes.at_end() || !salt || salt->empty() || !iterations) return std::nullopt;
    return ServerFirst{*nonce, std::move(*salt), *iterations};
}

std::span<const unsigned char> byte_span(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace

ScramClient::ScramClient(Secret password, std::optional<ChannelBinding> binding, bool server_offers_plus,
                         RandomBytes random)
    : password_{std::move(password)},
      binding_{std::move(binding)},
      mechanism_{binding_ && server_offers_plus ? ScramMechanism::sha_256_plus : ScramMechanism::sha_256},
      random_{std::move(random)} {}

std::string ScramClient::gs2_header() const {
    if (mechanism_ == ScramMechanism::sha_256_plus) return "p=tls-server-end-point,,";
    // `y`: we could bind ourselves, but the server did not offer it. If it did, it will know from this that
    // somebody in between removed the offer.
    return binding_ ? "y,," : "n,,";
}

std::string ScramClient::client_first() {
    std::array<unsigned char, scram_nonce_size> bytes{};
    random_(bytes);
    nonce_ = encode_base64(bytes);
    client_first_bare_ = "n=,r=" + nonce_;  // PostgreSQL takes the user from the startup message
    state_ = state_ == State::begun ? State::server_first_awaited : State::failed;
    return gs2_header() + client_first_bare_;
}

Result<std::string> ScramClient::on_server_first(std::string_view message) {
    const State state = std::exchange(state_, State::failed);
    const auto challenge = read_server_first(message);
    if (state != State::server_first_awaited || !challenge) {
        return refused("sent a SCRAM challenge that cannot be understood");
    }
    if (!challenge->nonce.starts_with(nonce_) || challenge->nonce.size() == nonce_.size()) {
        return refused("answered another SCRAM exchange than this one (its nonce does not begin with ours)");
    }
    if (challenge->iterations > most_scram_iterations) {
        return refused("asks for " + std::to_string(challenge->iterations) +
                       " SCRAM iterations, more than the " + std::to_string(most_scram_iterations) +
                       " that are allowed: set the role's password anew with fewer");
    }

    const ScramKeys keys = derive_scram_keys(password_.reveal(), challenge->salt, challenge->iterations);
    password_ = Secret{};
    const bool bound = mechanism_ == ScramMechanism::sha_256_plus;
    const std::string without_proof = "c=" + encode_base64(gs2_header() + (bound ? binding_->data : "")) +
                                      ",r=" + std::string{challenge->nonce};
    const std::string authenticated = client_first_bare_ + ',' + std::string{message} + ',' + without_proof;
    server_signature_ = server_signature(keys.server_key, authenticated);
    state_ = State::server_final_awaited;
    return without_proof + ",p=" + encode_base64(client_proof(keys.client_key, authenticated));
}

Result<void> ScramClient::on_server_final(std::string_view message) {
    const State state = std::exchange(state_, State::failed);
    if (state != State::server_final_awaited || !is_scram_text(message)) {
        return refused("sent the end of a SCRAM exchange out of turn");
    }
    ScramAttributes attributes{message};
    if (const auto error = attributes.take('e')) {
        return refused("refused the password: " + printable(*error, 60));
    }
    const auto signature_text = attributes.take('v');
    while (attributes.next()) {
    }
    if (!signature_text || !attributes.at_end()) {
        return refused("sent an end of the SCRAM exchange that cannot be understood");
    }
    const auto signature = decode_base64(*signature_text);
    if (!signature || !equal_constant_time(byte_span(*signature), server_signature_)) {
        return refused("has not proven that it knows the password: it may not be the server it claims to be");
    }
    state_ = State::server_proven;
    return {};
}

}  // namespace curfew::postgres
