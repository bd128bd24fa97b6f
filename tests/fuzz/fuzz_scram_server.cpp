// Any client against ScramServer. The first line of the input chooses the server (`p`: the client chose PLUS,
// `b`: the connection has a binding, `u`: unknown user), each other line is a message; an empty first message
// after `0` in the first line stands for a response without data.
//
// Nobody gets in but with the proof that follows from the password; whoever is challenged gets in with it.
#include <optional>
#include <string>

#include "fuzzing.hpp"
#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/scram_server.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

constexpr std::string_view password = "pencil";
constexpr std::string_view salt = "sixteen bytes!!!";
constexpr std::string_view certificate_hash = "hash of the certificate";

const ScramKeys& keys() {
    static const ScramKeys derived = derive_scram_keys(password, salt, 1);
    return derived;
}

const ScramVerifier& verifier() {
    static const ScramVerifier made = ScramVerifier::make(password, salt, 1);
    return made;
}

// What an honest client answers, given its own first message.
std::string honest_answer(std::string_view client_first, const std::string& challenge, bool plus) {
    const auto flag_end = client_first.find(',');
    const auto header_end = client_first.find(',', flag_end + 1) + 1;
    std::string bound{client_first.substr(0, header_end)};
    if (plus) bound += certificate_hash;
    const std::string without_proof =
        "c=" + encode_base64(bound) + "," + challenge.substr(0, challenge.find(','));
    const std::string authenticated =
        std::string{client_first.substr(header_end)} + "," + challenge + "," + without_proof;
    return without_proof + ",p=" + encode_base64(client_proof(keys().client_key, authenticated));
}

bool has_right_proof(std::string_view client_first, const std::string& challenge, std::string_view last) {
    const auto header_end = client_first.find(',', client_first.find(',') + 1) + 1;
    const auto proof_at = last.rfind(",p=");
    if (proof_at == std::string_view::npos) return false;
    const std::string authenticated = std::string{client_first.substr(header_end)} + "," + challenge + "," +
                                      std::string{last.substr(0, proof_at)};
    return last.substr(proof_at + 3) == encode_base64(client_proof(keys().client_key, authenticated));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto messages = fuzzing::lines(fuzzing::as_text(data, size));
    const auto chosen = [&](char letter) { return messages[0].find(letter) != std::string_view::npos; };
    const bool plus = chosen('p');
    const bool known = !chosen('u');
    std::optional<ChannelBinding> binding;
    if (chosen('b')) binding = ChannelBinding{std::string{certificate_hash}};

    ScramServer server{verifier(), known, plus ? ScramMechanism::sha_256_plus : ScramMechanism::sha_256,
                       binding, fuzzing::known_bytes};
    bool over = false;
    if (chosen('0')) {
        const auto outcome = server.step(std::nullopt);
        require(std::get<ScramServer::Challenge>(outcome).message.empty(), "no data is asked for anew");
    }
    std::string_view client_first;
    std::string challenge;
    for (const auto message : std::span{messages}.subspan(1)) {
        const auto outcome = server.step(message);
        if (const auto* challenged = std::get_if<ScramServer::Challenge>(&outcome)) {
            require(!over && challenge.empty(), "one challenge");
            challenge = challenged->message;
            client_first = message;
            ScramServer other = server;
            const bool lets_in = std::holds_alternative<ScramServer::Accepted>(
                other.step(honest_answer(message, challenge, plus)));
            // Too long an answer to a first message that was just short enough is refused.
            const bool fits = message.size() < 1024;
            require(lets_in == known || !fits, "lets in who knows the password, and is known");
        } else if (std::holds_alternative<ScramServer::Accepted>(outcome)) {
            require(!over && known && !challenge.empty(), "lets in only after a challenge, and who is known");
            require(has_right_proof(client_first, challenge, message), "lets in only with the right proof");
            over = true;
        } else {
            over = true;
        }
    }
    return 0;
}
