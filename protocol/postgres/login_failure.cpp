#include "protocol/postgres/login_failure.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "protocol/postgres/messages.hpp"

namespace curfew::postgres {
namespace {

bool is_sqlstate(std::string_view text) {
    return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

}  // namespace

std::optional<ServerRefusal> read_refusal(const Message& error_response) {
    const auto fields = parse_report_fields(error_response.body);
    if (!fields) return std::nullopt;
    const auto field = [&](char letter) {
        const auto found = fields->find(letter);
        return found == fields->end() ? std::string{} : found->second;
    };
    ServerRefusal refusal{encode(error_response), field('C'), {}};
    if (!is_sqlstate(refusal.sqlstate)) refusal.sqlstate.clear();
    refusal.reason = printable(field('S'), 20) + " " +
                     (refusal.sqlstate.empty() ? "without an SQLSTATE" : refusal.sqlstate) + ": " +
                     printable(field('M'));
    return refusal;
}

LoginFailure not_a_password(char type) {
    const auto number = std::to_string(static_cast<unsigned char>(type));
    return {"08P01", "expected password response, got message type " + number,
            "the client sent a " + name_of_type(type) + " where its password must come"};
}

LoginFailure server_violation(std::string_view what) {
    return {"08P01", "the PostgreSQL server broke the protocol during the login: ask the administrator",
            "the PostgreSQL server " + std::string{what}};
}

std::string name_of_type(char type) {
    return "message of type '" + printable({&type, 1}) + "'";
}

}  // namespace curfew::postgres
