#include "protocol/postgres/scram_server.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/secret.hpp"
#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/scram_attributes.hpp"

namespace curfew::postgres {
namespace {

using Rejected = ScramServer::Rejected;

constexpr std::string_view bound_header = "p=tls-server-end-point,,";

Rejected rejected(std::string_view reason) {
    return {Rejected::Kind::protocol_violation, reason};
}

Rejected failure(std::string_view reason) {
    return {Rejected::Kind::authentication_failed, reason};
}

// Takes `gs2-cbind-flag "," [ authzid ] ","` off the front of `message`: up to the second comma.
std::optional<std::string_view> take_gs2_header(std::string_view& message) {
    const auto flag_end = message.find(',');
    if (flag_end == std::string_view::npos) return std::nullopt;
    const auto end = message.find(',', flag_end + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const auto header = message.substr(0, end + 1);
    message.remove_prefix(header.size());
    return header;
}

// The parts of a client-final-message; views into it.
struct ClientFinal {
    std::string_view channel_binding;
    std::string_view nonce;
    Digest proof;
    std::string_view without_proof;
};

// nullopt if malformed, or if it holds an extension that must not be ignored (`m=`).
std::optional<ClientFinal> read_client_final(std::string_view message) {
    ScramAttributes attributes{message};
    const auto channel_binding = attributes.take('c');
    const auto nonce = attributes.take('r');
    if (!channel_binding || !nonce) return std::nullopt;
    for (;;) {
        const auto begin = attributes.position();
        const auto attribute = attributes.next();
        if (!attribute || attribute->name == 'm') return std::nullopt;
        if (attribute->name != 'p') continue;
        const auto bytes = decode_base64(attribute->value);
        if (!bytes || bytes->size() != scram_key_size || !attributes.at_end()) return std::nullopt;
        ClientFinal parts{*channel_binding, *nonce, {}, message.substr(0, begin - 1)};
        std::copy(bytes->begin(), bytes->end(), parts.proof.begin());
        return parts;
    }
}

}  // namespace

ScramServer::ScramServer(const ScramVerifier& verifier, bool known_user, ScramMechanism mechanism,
                         std::optional<ChannelBinding> binding, RandomBytes random)
    : verifier_{verifier},
      known_user_{known_user},
      mechanism_{mechanism},
      binding_{std::move(binding)},
      random_{std::move(random)} {}

ScramServer::Outcome ScramServer::step(std::optional<std::string_view> message) {
    // Whatever happens below ends the exchange, unless it says otherwise.
    const State state = std::exchange(state_, State::over);
    if (!message) {
        if (state != State::begun) return rejected("the client sent no data where data must come");
        state_ = State::client_first_awaited;
        return Challenge{};  // RFC 4422, section 3: an empty challenge asks for the first message
    }
    if (!is_scram_text(*message)) return rejected("a message is too long or holds a zero byte");
    switch (state) {
        case State::begun:
        case State::client_first_awaited:
            return on_client_first(*message);
        case State::client_final_awaited:
            return on_client_final(*message);
        case State::over:
            break;
    }
    return rejected("a message came after the end of the exchange");
}

ScramServer::Outcome ScramServer::on_client_first(std::string_view message) {
    std::string_view bare = message;
    const auto gs2_header = take_gs2_header(bare);
    if (!gs2_header) return rejected("malformed client-first-message: no channel-binding header");
    if (auto rejected = check_channel_binding_flag(*gs2_header)) return *rejected;

    ScramAttributes attributes{bare};
    // The user of the startup message counts, as in PostgreSQL; libpq leaves this name empty.
    const auto ignored_user = attributes.take('n');
    const auto client_nonce = attributes.take('r');
    if (!ignored_user || !client_nonce || !is_scram_nonce(*client_nonce)) {
        return rejected("malformed client-first-message: user name and nonce expected");
    }
    while (const auto extension = attributes.next()) {
        if (extension->name == 'm') return rejected("the client requires an extension");
    }
    if (!attributes.at_end()) return rejected("malformed client-first-message");

    client_first_bare_ = bare;
    channel_binding_ = encode_base64(std::string{*gs2_header} +
                                     (mechanism_ == ScramMechanism::sha_256_plus ? binding_->data : ""));
    return challenge(*client_nonce);
}

std::optional<ScramServer::Rejected> ScramServer::check_channel_binding_flag(
    std::string_view gs2_header) const {
    const bool bound = mechanism_ == ScramMechanism::sha_256_plus;
    if (!gs2_header.ends_with(",,")) return rejected("the client asks for another authorization identity");
    if (bound && !binding_) return rejected("the client chose a mechanism that was not offered");
    if (gs2_header == bound_header) {
        if (bound) return std::nullopt;
        return rejected("the client sent channel-binding data with a mechanism that has none");
    }
    if (gs2_header.starts_with("p=")) return rejected("the client wants an unknown type of channel binding");
    if (gs2_header != "n,," && gs2_header != "y,,") return rejected("unknown channel-binding flag");
    if (bound) return rejected("the client chose channel binding, but sent no data for it");
    if (gs2_header == "y,," && binding_) {
        // It could have bound itself, had our offer reached it: somebody in between cut the offer.
        return failure("channel binding was negotiated down: the client did not see that it was offered");
    }
    return std::nullopt;
}

ScramServer::Challenge ScramServer::challenge(std::string_view client_nonce) {
    std::array<unsigned char, scram_nonce_size> ours{};
    random_(ours);
    nonce_ = std::string{client_nonce} + encode_base64(ours);
    server_first_ =
        "r=" + nonce_ + ",s=" + encode_base64(verifier_.salt) + ",i=" + std::to_string(verifier_.iterations);
    state_ = State::client_final_awaited;
    return {server_first_};
}

ScramServer::Outcome ScramServer::on_client_final(std::string_view message) {
    const auto last = read_client_final(message);
    if (!last) return rejected("malformed client-final-message");
    if (!equal_constant_time(last->channel_binding, channel_binding_)) {
        return failure("the channel binding is not that of this connection");
    }
    if (!equal_constant_time(last->nonce, nonce_)) return rejected("the nonce is not that of this exchange");

    const std::string authenticated =
        client_first_bare_ + ',' + server_first_ + ',' + std::string{last->without_proof};
    // Computed for an unknown user as well, so that it takes as long.
    const bool proof_is_right = is_client_proof(last->proof, verifier_.stored_key, authenticated);
    if (!known_user_) return failure("there is no such user, or no verifier for it");
    if (!proof_is_right) return failure("the password is wrong");
    return Accepted{"v=" + encode_base64(server_signature(verifier_.server_key, authenticated))};
}

}  // namespace curfew::postgres
