#include "identity/json_members.hpp"

#include <boost/json/parse.hpp>
#include <boost/system/error_code.hpp>

namespace curfew::identity {

namespace json = boost::json;

std::optional<json::object> parse_object(std::string_view text) {
    boost::system::error_code wrong;
    json::value value = json::parse({text.data(), text.size()}, wrong);
    if (wrong || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::optional<std::string> text_member(const json::object& object, std::string_view name) {
    const json::value* member = object.if_contains({name.data(), name.size()});
    if (member == nullptr || !member->is_string()) return std::nullopt;
    return std::string{member->get_string()};
}

std::optional<std::int64_t> number_member(const json::object& object, std::string_view name) {
    const json::value* member = object.if_contains({name.data(), name.size()});
    if (member == nullptr) return std::nullopt;
    if (member->is_int64()) return member->get_int64();
    constexpr double beyond = 9e15;  // what a double still tells from its neighbours
    if (member->is_double() && member->get_double() > -beyond && member->get_double() < beyond)
        return static_cast<std::int64_t>(member->get_double());
    return std::nullopt;
}

std::optional<bool> flag_member(const json::object& object, std::string_view name) {
    const json::value* member = object.if_contains({name.data(), name.size()});
    if (member == nullptr || !member->is_bool()) return std::nullopt;
    return member->get_bool();
}

std::optional<std::vector<std::string>> texts_member(const json::object& object, std::string_view name) {
    if (auto one = text_member(object, name)) return std::vector{std::move(*one)};
    const json::value* member = object.if_contains({name.data(), name.size()});
    if (member == nullptr || !member->is_array()) return std::nullopt;
    std::vector<std::string> texts;
    for (const json::value& item : member->get_array()) {
        if (!item.is_string()) return std::nullopt;
        texts.emplace_back(item.get_string());
    }
    return texts;
}

}  // namespace curfew::identity
