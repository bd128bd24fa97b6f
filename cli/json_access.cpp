#include "cli/json_access.hpp"

#include <boost/json/object.hpp>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::cli {

namespace json = boost::json;

const json::value& member_of(const json::value& object, std::string_view name) {
    static const json::value nothing;
    if (!object.is_object()) return nothing;
    const json::value* member = object.get_object().if_contains(name);
    return member == nullptr ? nothing : *member;
}

std::string text_of(const json::value& object, std::string_view name) {
    const auto& member = member_of(object, name);
    return member.is_string() ? printable(member.get_string(), 4000) : std::string{};
}

std::string lines_of(const json::value& object, std::string_view name) {
    const auto& member = member_of(object, name);
    return member.is_string() ? printable_lines(member.get_string()) : std::string{};
}

std::int64_t number_of(const json::value& object, std::string_view name) {
    const auto& member = member_of(object, name);
    json::error_code error;
    const auto number = member.to_number<std::int64_t>(error);
    return error ? 0 : number;
}

bool flag_of(const json::value& object, std::string_view name) {
    const auto& member = member_of(object, name);
    return member.is_bool() && member.get_bool();
}

std::optional<WallInstant> instant_of(const json::value& object, std::string_view name) {
    return parse_utc(text_of(object, name));
}

std::vector<std::string> texts_of(const json::value& object, std::string_view name) {
    std::vector<std::string> texts;
    for (const auto& element : list_of(object, name)) {
        if (element.is_string()) texts.push_back(printable(element.get_string(), 4000));
    }
    return texts;
}

const json::array& list_of(const json::value& object, std::string_view name) {
    static const json::array nothing;
    const auto& member = member_of(object, name);
    return member.is_array() ? member.get_array() : nothing;
}

}  // namespace curfew::cli
