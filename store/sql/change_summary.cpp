#include "store/sql/change_summary.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "store/sql/command_json.hpp"

namespace curfew::store {
namespace {

namespace json = boost::json;

// Of one member, and of all that is said of one side.
constexpr std::size_t largest_member = 4'000;
constexpr std::size_t largest_side = 16'000;
constexpr std::size_t most_tags = 10;

constexpr std::array<std::string_view, 6> secrets{"password",      "secret",    "scram_verifier",
                                                  "client_secret", "bot_token", "verifier"};

bool is_secret(std::string_view name) {
    return std::find(secrets.begin(), secrets.end(), name) != secrets.end();
}

json::value parsed(const std::optional<std::string>& document) {
    if (!document) return nullptr;
    json::error_code failed;
    json::value value = json::parse(*document, failed);
    return failed ? json::value{json::object{{"text", *document}}} : value;
}

json::value told_by_its_size(const std::string& text) {
    return json::object{{"bytes", text.size()}, {"sha256", to_hex(sha256(text))}};
}

// Without what may be a secret; `other`: the other side, which may have another one.
json::value shown(const json::value& value, const json::value* other, std::string_view when_other) {
    if (!value.is_object()) return value;
    json::object object;
    for (const auto& [name, member] : value.get_object()) {
        const json::value* its_other =
            other != nullptr && other->is_object() ? other->get_object().if_contains(name) : nullptr;
        if (!is_secret({name.data(), name.size()})) {
            object.emplace(name, shown(member, its_other, when_other));
        } else if (!member.is_null()) {
            const bool is_other = its_other != nullptr && !its_other->is_null() && *its_other != member;
            object.emplace(name, is_other ? when_other : std::string_view{"set"});
        }
    }
    return object;
}

// Members of `value` that are not the same in `other`; all where that is no object.
json::value side(const json::value& value, const json::value& other, std::string_view when_other) {
    if (!value.is_object()) return value;
    json::object object;
    std::size_t size = 0;
    const json::value safe = shown(value, &other, when_other);
    for (const auto& [name, member] : value.get_object()) {
        const json::value* its_other = other.is_object() ? other.get_object().if_contains(name) : nullptr;
        if (its_other != nullptr && *its_other == member) continue;
        const json::value* safe_member = safe.get_object().if_contains(name);
        if (safe_member == nullptr) continue;
        const std::string text = json::serialize(*safe_member);
        const bool is_large = text.size() > largest_member || size + text.size() > largest_side;
        if (!is_large) size += text.size();
        object.emplace(name, is_large ? told_by_its_size(text) : *safe_member);
    }
    return object;
}

}  // namespace

json::object change_summary(const std::optional<std::string>& before,
                            const std::optional<std::string>& after) {
    const json::value was = parsed(before);
    const json::value is = parsed(after);
    return {{"before", side(was, is, "set")}, {"after", side(is, was, "changed")}};
}

json::object command_summary(const policy::Command& command) {
    json::object summary{
        {"form", to_string(command.form)},           {"database", printable(command.database)},
        {"statements", command.statements.size()},   {"bytes", size_of(command)},
        {"sha256", to_hex(sha256(sql_of(command)))}, {"document_sha256", to_hex(sha256(to_json(command)))}};
    if (command.session) summary["session"] = command.session->text();
    return summary;
}

json::object result_summary(const policy::CommandResult& result) {
    json::array tags;
    for (const policy::CommandResult::Part& part : result.parts) {
        if (tags.size() == most_tags) break;
        tags.emplace_back(printable(part.tag));
    }
    json::object summary{{"outcome", to_string(result.outcome)},
                         {"statements", result.parts.size()},
                         {"tags", std::move(tags)}};
    if (!result.sqlstate.empty()) summary["sqlstate"] = printable(result.sqlstate);
    return summary;
}

}  // namespace curfew::store
