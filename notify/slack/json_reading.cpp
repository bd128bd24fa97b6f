#include "notify/slack/json_reading.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

namespace curfew::notify::slack {

namespace json = boost::json;

namespace {

const json::value* find(const json::object& object, std::string_view name) {
    return object.if_contains({name.data(), name.size()});
}

}  // namespace

std::optional<json::object> read_object(std::string_view text) {
    boost::system::error_code wrong;
    json::value value = json::parse({text.data(), text.size()}, wrong);  // 32 deep at most
    if (wrong || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string_view text_of(const json::object& object, std::string_view name) {
    const auto* member = find(object, name);
    if (member == nullptr || !member->is_string()) return {};
    const auto& text = member->get_string();
    return {text.data(), text.size()};
}

const json::object* object_of(const json::object& object, std::string_view name) {
    const auto* member = find(object, name);
    return member == nullptr ? nullptr : member->if_object();
}

const json::array* array_of(const json::object& object, std::string_view name) {
    const auto* member = find(object, name);
    return member == nullptr ? nullptr : member->if_array();
}

bool flag_of(const json::object& object, std::string_view name) {
    const auto* member = find(object, name);
    return member != nullptr && member->is_bool() && member->get_bool();
}

}  // namespace curfew::notify::slack
