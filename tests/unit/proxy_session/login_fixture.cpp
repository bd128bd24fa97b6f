#include "login_fixture.hpp"

namespace curfew::test {

std::string fatal(const std::string& sqlstate, const std::string& text) {
    return wire::message(
        'E', wire::cstring("SFATAL") + wire::cstring("C" + sqlstate) + wire::cstring("M" + text) + '\0');
}

std::vector<std::string> impossible_headers(char type) {
    std::vector<std::string> headers;
    for (const std::uint32_t length : {0U, 3U, 65'540U, 0x7fffffffU, 0x80000000U, 0xffffffffU})
        headers.push_back(type + wire::int32(length));
    return headers;
}

std::string Outcome::sqlstate() const {
    return refusal.empty() ? "" : wire::report_fields(parse(refusal).messages.at(0)).at('C');
}

std::string Outcome::message() const {
    return refusal.empty() ? "" : wire::report_fields(parse(refusal).messages.at(0)).at('M');
}

Outcome outcome_of(const proxy::Failure& failure) {
    if (const auto* refusal = std::get_if<proxy::Refusal>(&failure))
        return {false, refusal->bytes, refusal->reason, ""};
    return {false, "", "", std::get<proxy::Dropped>(failure).reason};
}

Outcome outcome_of(const proxy::Unless& failure) {
    if (!failure) return {true, "", "", ""};
    return outcome_of(*failure);
}

}  // namespace curfew::test
