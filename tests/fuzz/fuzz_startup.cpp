// Any bytes as a startup packet: what is understood is rebuilt, and understood the same.
#include <string>
#include <variant>

#include "fuzzing.hpp"
#include "protocol/postgres/startup.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

void check(const StartupMessage& startup) {
    require(!startup.user.empty() && startup.user.size() <= longest_name, "a user name of 1 to 63 bytes");
    require(startup.database.size() <= longest_name, "a database name of at most 63 bytes");
    require(startup.version >> 16U == 3, "protocol 3");
    for (const auto& [name, value] : startup.parameters) {
        require(name.find('\0') == std::string::npos && value.find('\0') == std::string::npos,
                "no zero byte inside a parameter");
        require(name != "user" && name != "database" && name != "replication" && !name.empty(),
                "parameters are the other ones");
    }
    const std::string rebuilt = build_startup_message(startup);
    // `replication=on` is rebuilt as `replication=true`: a packet of the greatest length may grow past it.
    if (rebuilt.size() > longest_startup_packet) return;
    const auto again = parse_startup_packet(rebuilt);
    const auto* same = std::get_if<StartupMessage>(&again);
    require(same != nullptr, "understands what it builds");
    require(same->version == startup.version && same->user == startup.user &&
                same->database == startup.database && same->replication == startup.replication &&
                same->parameters == startup.parameters,
            "understands the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzzing::as_text(data, size);
    const auto packet = parse_startup_packet(bytes);
    if (!std::holds_alternative<StartupError>(packet)) {
        require(startup_packet_length(bytes.data()) == bytes.size(), "takes only whole packets");
    }
    if (const auto* startup = std::get_if<StartupMessage>(&packet)) check(*startup);
    if (const auto* cancel = std::get_if<CancelRequest>(&packet)) {
        require(cancel->secret.size() >= 4 && cancel->secret.size() <= 256, "a secret of 4 to 256 bytes");
        require(build_cancel_request(*cancel) == bytes, "rebuilds a CancelRequest");
    }
    if (std::holds_alternative<SslRequest>(packet)) {
        require(build_ssl_request() == bytes, "rebuilds an SSLRequest");
    }
    if (const auto* error = std::get_if<StartupError>(&packet)) {
        require(error->sqlstate.size() == 5 && !error->message.empty(), "an error that can be sent");
    }
    return 0;
}
