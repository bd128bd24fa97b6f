// Any packets as a client's greeting. The first byte chooses what the server can do and how the client came,
// the rest are packets, one behind the other. Each packet is offered as if it had come alone, except that the
// last bit of the first byte says that all came at once.
#include <string_view>
#include <variant>

#include "fuzzing.hpp"
#include "protocol/postgres/client_greeting.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

// Takes one packet off the front of `bytes`; empty if there is no whole one.
std::string_view take_packet(std::string_view& bytes) {
    if (bytes.size() < 4) return {};
    const std::size_t length = startup_packet_length(bytes.data());
    if (length == 0 || length > bytes.size()) return {};
    const auto packet = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool offered = (data[0] & 1U) != 0;
    const bool required = offered && (data[0] & 2U) != 0;
    const bool direct_tls = offered && (data[0] & 4U) != 0;
    const bool all_at_once = (data[0] & 8U) != 0;

    ClientGreeting greeting{{offered, required}, direct_tls};
    auto rest = fuzzing::as_text(data + 1, size - 1);
    int answers = 0;
    for (auto packet = take_packet(rest); !packet.empty(); packet = take_packet(rest)) {
        const bool was_encrypted = greeting.encrypted();
        const bool more_behind = all_at_once && !rest.empty();
        const auto action = greeting.on_packet(parse_startup_packet(packet), more_behind);
        if (const auto* answer = std::get_if<ClientGreeting::Answer>(&action)) {
            require(++answers <= 2, "SSLRequest and GSSENCRequest once each");
            require(answer->byte == 'N' || (offered && !was_encrypted && !more_behind),
                    "TLS where it may begin");
            require(greeting.encrypted() == (was_encrypted || answer->byte == 'S'),
                    "knows what is encrypted");
            continue;
        }
        require(greeting.encrypted() == was_encrypted, "only an answer begins TLS");
        if (std::holds_alternative<ClientGreeting::Start>(action)) {
            require(!required || was_encrypted, "no start in plaintext where TLS is required");
            const auto& startup = std::get<ClientGreeting::Start>(action).startup;
            const auto choice = choose_protocol(startup);
            require(choice.version == protocol_3_0 || choice.version == protocol_3_2,
                    "a version that we speak");
            require(choice.version <= startup.version, "no version above the client's");
        }
        return 0;
    }
    return 0;
}
