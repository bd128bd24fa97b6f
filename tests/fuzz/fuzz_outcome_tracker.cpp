// Lines of an input as what a client (`>`) and a server (anything else) say, message by message: whatever
// they say, the tracker has an answer that holds.
#include <string>
#include <string_view>

#include "fuzzing.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/outcome_tracker.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

// A line is a type and a body, in which `~` stands for a zero.
std::string message_of(std::string_view line) {
    std::string out;
    append_message(out, line.front(), [&](std::string& body) {
        for (const char c : line.substr(1))
            body.push_back(c == '~' ? '\0' : c);
    });
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    OutcomeTracker tracker;
    OutcomeTracker byte_by_byte;
    for (std::string_view line : fuzzing::lines(fuzzing::as_text(data, size))) {
        const bool client = !line.empty() && line.front() == '>';
        if (client) line.remove_prefix(1);
        if (line.empty()) continue;
        const std::string message = message_of(line);
        client ? tracker.from_client(message) : tracker.from_server(message);
        for (const char& byte : message)
            client ? byte_by_byte.from_client({&byte, 1}) : byte_by_byte.from_server({&byte, 1});
        for (const bool gone : {true, false})
            require(tracker.outcome(gone) == byte_by_byte.outcome(gone), "the same in pieces");
        const auto alive = tracker.outcome(false);
        require(alive == TransactionOutcome::unknown || alive == tracker.outcome(true),
                "what is known while it lives stays true when it is gone");
    }
    return 0;
}
