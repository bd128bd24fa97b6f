// Any text as a duration, an instant, an identifier or a subject: what is read is written back the same; and
// shown on a terminal, it is one harmless line.
#include <algorithm>
#include <chrono>

#include "base/duration.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "fuzzing.hpp"
#include "policy/grant.hpp"

namespace {

using namespace curfew;
using fuzzing::require;

void check_duration(std::string_view text) {
    const auto duration = parse_duration(text);
    if (!duration) return;
    require(*duration > Duration::zero() && *duration <= std::chrono::hours{24 * 366}, "a sensible duration");
    const auto again = parse_duration(format_duration(*duration));
    require(again.has_value(), "reads the duration that it writes");
    const bool whole_seconds = *duration % std::chrono::seconds{1} == Duration::zero();
    require(*again == *duration || !whole_seconds, "writes a duration that is the same");
}

void check_instant(std::string_view text) {
    const auto instant = parse_utc(text);
    if (!instant) return;
    require(parse_utc(format_utc(*instant)) == instant, "reads the instant that it writes");
}

void check_names(std::string_view text) {
    if (const auto id = GrantId::parse(text)) require(id->text() == text, "one text for each identifier");
    if (const auto subject = policy::parse_subject(text)) {
        require(policy::to_string(*subject) == text, "one text for each subject");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzzing::as_text(data, size);
    check_duration(text);
    check_instant(text);
    check_names(text);
    const auto shown = printable(text);
    require(std::none_of(shown.begin(), shown.end(),
                         [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }),
            "no control characters on a terminal");
    return 0;
}
