// Any server against ScramClient: the lines of the input are its messages, the first line chooses the client
// (`b`: the connection has a binding, `o`: the server offers PLUS). No server is believed but with the
// signature that follows from the password.
#include <optional>
#include <string>

#include "fuzzing.hpp"
#include "login_fuzzing.hpp"
#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/scram_attributes.hpp"
#include "protocol/postgres/scram_client.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

constexpr std::string_view password = "pencil";

// What a server that knows the password would sign with, asked for by `challenge`.
std::string right_signature(std::string_view client_first, std::string_view challenge,
                            std::string_view client_final) {
    ScramAttributes attributes{challenge};
    attributes.take('r');
    const auto salt = decode_base64(*attributes.take('s'));
    const int iterations = std::stoi(std::string{*attributes.take('i')});
    const auto bare = client_first.substr(client_first.find(",,") + 2);
    const std::string authenticated = std::string{bare} + "," + std::string{challenge} + "," +
                                      std::string{client_final.substr(0, client_final.rfind(",p="))};
    return encode_base64(
        server_signature(derive_scram_keys(password, *salt, iterations).server_key, authenticated));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto messages = fuzzing::lines(fuzzing::as_text(data, size));
    if (messages.size() < 2 || fuzzing::may_be_slow(messages[1])) return 0;
    const auto chosen = [&](char letter) { return messages[0].find(letter) != std::string_view::npos; };
    std::optional<ChannelBinding> binding;
    if (chosen('b')) binding = ChannelBinding{"hash of the certificate"};

    ScramClient client{Secret{std::string{password}}, binding, chosen('o'), fuzzing::known_bytes};
    const std::string first = client.client_first();
    const auto answer = client.on_server_first(messages[1]);
    require(!client.server_proven(), "a challenge proves nothing");
    if (!answer) {
        require(answer.error().message.find(password) == std::string::npos, "no password in an error");
        return 0;
    }
    const std::string signature = right_signature(first, messages[1], *answer);

    ScramClient other = client;
    require(other.on_server_final("v=" + signature) && other.server_proven(), "believes the right signature");
    if (messages.size() > 2) {
        const bool believed = client.on_server_final(messages[2]).has_value();
        require(believed == client.server_proven(), "says the same twice");
        const bool right = messages[2] == "v=" + signature || messages[2].starts_with("v=" + signature + ",");
        require(!believed || right, "believes no other signature");
    }
    return 0;
}
