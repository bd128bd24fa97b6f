// Any client against PersonAuthentication. The first byte says whether the user is known (1) and whether the
// connection has a channel binding (2); the rest is what the client sends.
//
// Nobody gets in but with the proof that follows from the password, whoever is refused for it hears the same
// words, and nobody hears anything of what is behind them.
#include <optional>
#include <string>
#include <variant>

#include "fuzzing.hpp"
#include "login_fuzzing.hpp"
#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/person_authentication.hpp"
#include "protocol/postgres/sasl_messages.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

constexpr std::string_view password = "pencil";
constexpr std::string_view salt = "sixteen bytes!!!";

const ScramVerifier& verifier() {
    static const ScramVerifier made = ScramVerifier::make(password, salt, 1);
    return made;
}

std::string_view data_of(const std::string& authentication) {
    return std::string_view{authentication}.substr(header_size + 4);
}

// Whether the client's last message ends with the proof that follows from what was said before.
bool has_right_proof(std::string_view client_first, std::string_view challenge, std::string_view last) {
    static const ScramKeys keys = derive_scram_keys(password, salt, 1);
    const auto header_end = client_first.find(',', client_first.find(',') + 1) + 1;
    const auto proof_at = last.rfind(",p=");
    if (proof_at == std::string_view::npos) return false;
    const std::string authenticated = std::string{client_first.substr(header_end)} + "," +
                                      std::string{challenge} + "," + std::string{last.substr(0, proof_at)};
    return last.substr(proof_at + 3) == encode_base64(client_proof(keys.client_key, authenticated));
}

void check_rejected(const LoginFailure& rejected, const Message& message) {
    require(rejected.sqlstate == "08P01" || rejected.sqlstate == "28P01", "an SQLSTATE of these two");
    require(fuzzing::is_harmless_line(rejected.message), "a harmless line for the client");
    require(fuzzing::is_harmless_line(rejected.reason), "a harmless line for the log");
    if (rejected.sqlstate == "28P01") {
        require(rejected.message == "password authentication failed for user \"alice\"", "the same words");
        require(message.type == 'p', "judges nothing but passwords");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool known = (data[0] & 1U) != 0;
    std::optional<ChannelBinding> binding;
    if ((data[0] & 2U) != 0) binding = ChannelBinding{"hash of the certificate"};

    PersonAuthentication person{"alice", verifier(), known, binding, fuzzing::known_bytes};
    auto stream = fuzzing::as_text(data + 1, size - 1);
    std::string_view client_first;
    std::string challenge;
    bool over = false;
    int sent = 0;
    while (const auto message = fuzzing::take_message(stream)) {
        if (sent == 0) {
            const auto first = parse_sasl_initial_response(message->body);
            client_first = first && first->data ? *first->data : std::string_view{};
        } else if (challenge.empty()) {
            client_first = message->body;
        }
        const auto step = person.on_message(*message);
        if (const auto* send = std::get_if<PersonAuthentication::Send>(&step)) {
            require(!over && ++sent <= 2, "asks at most twice");
            require(message->type == 'p', "goes on with passwords alone");
            challenge = data_of(send->bytes);
        } else if (std::holds_alternative<PersonAuthentication::Accepted>(step)) {
            require(!over && known && message->type == 'p', "lets in who is known, once");
            require(has_right_proof(client_first, challenge, message->body), "lets in with the right proof");
            over = true;
        } else {
            check_rejected(std::get<PersonAuthentication::Rejected>(step), *message);
            over = true;
        }
    }
    return 0;
}
