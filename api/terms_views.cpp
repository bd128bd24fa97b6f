#include "api/terms_views.hpp"

#include <boost/json/array.hpp>
#include <utility>

#include "api/json_values.hpp"
#include "base/duration.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

json::array names(const policy::Terms& terms) {
    json::array list;
    for (const auto* rule : terms.rules)
        list.emplace_back(text_value(rule->name));
    return list;
}

json::array reason_patterns(const policy::Terms& terms) {
    json::array list;
    for (const auto* rule : terms.rules) {
        if (rule->reason_pattern) list.emplace_back(text_value(rule->reason_pattern->text()));
    }
    return list;
}

json::array allowed_times(const policy::Terms& terms) {
    json::array list;
    for (const auto* rule : terms.rules) {
        if (!rule->allowed_times) continue;
        list.emplace_back(json::object{{"time_zone", text_value(rule->allowed_times->time_zone())},
                                       {"windows", text_list(rule->allowed_times->windows())}});
    }
    return list;
}

json::object attributes(const config::Resource& resource) {
    json::object members;
    for (const auto& attribute : resource.attributes)
        members[attribute.first] = text_value(attribute.second);
    return members;
}

json::value connection(const std::optional<ProxyTarget>& target) {
    if (!target) return nullptr;
    return json::object{{"host", text_value(target->host)},
                        {"port", target->port},
                        {"database", text_value(target->database)},
                        {"tls", to_string(target->tls)}};
}

}  // namespace

json::object view(const policy::Terms& terms, bool administrator) {
    const bool may_ask = administrator || terms.may_ask();
    const auto if_asked = [&](Duration duration) {
        return may_ask ? json::value(format_duration(duration)) : json::value(nullptr);
    };
    return {{"rules", names(terms)},
            {"covered", terms.covered},
            {"may_ask", may_ask},
            {"max_duration", if_asked(terms.max_duration)},
            {"default_duration", if_asked(terms.default_duration)},
            {"break_glass_duration", if_asked(terms.break_glass_duration)},
            {"reason_required", terms.reason_required},
            {"reason_patterns", reason_patterns(terms)},
            {"allowed_times", allowed_times(terms)},
            {"reviewing_groups", text_list(terms.reviewing_groups())},
            {"skips_review", administrator || terms.skips_review},
            {"may_break_glass", terms.may_break_glass}};
}

json::object catalogue_entry(const config::Resource& resource, const std::optional<ProxyTarget>& target,
                             json::object terms, json::object command_terms) {
    return {{"resource", text_value(resource.name)},    {"description", text_value(resource.description)},
            {"attributes", attributes(resource)},       {"databases", text_list(resource.databases)},
            {"login", to_string(resource.login)},       {"credential", resource.takes_passwords()},
            {"connection", connection(target)},         {"terms", std::move(terms)},
            {"command_terms", std::move(command_terms)}};
}

}  // namespace curfew::api
