#include "policy/rule.hpp"

#include <algorithm>

#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr Words<RequestType, 2> types_of_request{{
    {RequestType::jit, "jit"},
    {RequestType::command, "command"},
}};

}  // namespace

std::string_view to_string(RequestType type) {
    return word_of(types_of_request, type);
}

std::optional<RequestType> parse_request_type(std::string_view text) {
    return value_of(types_of_request, text);
}

bool Rule::covers(std::string_view resource, const std::map<std::string, std::string>& resource_attributes,
                  RequestType type) const {
    if (!types.contains(type)) return false;
    if (resources.contains(resource)) return true;
    return !attributes.empty() && std::all_of(attributes.begin(), attributes.end(), [&](const auto& wanted) {
        const auto found = resource_attributes.find(wanted.first);
        return found != resource_attributes.end() && found->second == wanted.second;
    });
}

}  // namespace curfew::policy
