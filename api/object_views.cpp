#include "api/object_views.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>
#include <variant>

#include "api/json_values.hpp"
#include "base/duration.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

// What is the same of every kind.
struct Origin {
    bool declared = false;
    const AboutUsers* about = nullptr;
};

json::value secret(bool there_is_one, const std::optional<config::SecretReference>& reference,
                   const Origin& origin) {
    if (!there_is_one) return nullptr;
    if (origin.declared || !reference) return json::object{{"declared", true}};
    return json::object{{to_string(reference->kind), text_value(reference->name)}};
}

json::value maybe_text(const std::optional<std::string>& text) {
    return text ? json::value(text_value(*text)) : json::value(nullptr);
}

template <class Map>
json::object pairs(const Map& map) {
    json::object members;
    for (const auto& [name, value] : map)
        members[name] = text_value(value);
    return members;
}

json::object settings_of(const config::User& user, const Origin& origin) {
    const policy::Directory& directory = origin.about->rulebook->directory();
    return {
        {"name", text_value(user.name)},
        {"display_name", text_or_null(user.display_name)},
        {"email", text_or_null(user.email)},
        {"oidc_subject", text_or_null(user.oidc_subject)},
        {"aliases", text_list(user.aliases)},
        {"scram_verifier", secret(user.scram_verifier.has_value(), user.scram_verifier_reference, origin)},
        {"certificate_name", text_value(user.certificate_name)},
        {"groups", text_list(directory.groups_of(user.name))},
        {"administrator", directory.is_administrator(user.name)},
        {"has_password", origin.about->with_passwords.contains(user.name)}};
}

json::object settings_of(const config::Group& group, const Origin&) {
    return {{"name", text_value(group.name)}, {"members", text_list(group.members)}};
}

json::value tls(const config::Resource& resource) {
    if (resource.upstream.is_unix()) return nullptr;
    return json::object{{"sslmode", to_string(resource.tls.mode)},
                        {"root_certificate", maybe_text(resource.tls.root_certificate_file)},
                        {"certificate", maybe_text(resource.tls.certificate_file)},
                        {"key", maybe_text(resource.tls.key_file)}};
}

json::value role(const std::optional<config::UpstreamRole>& role, const Origin& origin) {
    if (!role) return nullptr;
    return json::object{{"user", text_value(role->user)},
                        {"password", secret(role->password.has_value(), role->password_reference, origin)}};
}

json::value ephemeral(const std::optional<config::EphemeralRoles>& roles) {
    if (!roles) return nullptr;
    return json::object{{"member_of", text_list(roles->member_of)}, {"owner", text_value(roles->owner)}};
}

// Both are of the administrative login's.
json::value ungoverned(const config::Resource& resource) {
    if (!resource.admin_login) return nullptr;
    return json::object{{"enforce", to_string(resource.ungoverned.enforce)},
                        {"interval", format_duration(resource.ungoverned.interval)}};
}

json::value prepared_transactions(const config::Resource& resource) {
    if (!resource.admin_login) return nullptr;
    return json::value(to_string(resource.prepared_transactions));
}

json::value wind_down(const config::Resource& resource) {
    if (!resource.wind_down) return nullptr;
    return json::value(format_duration(*resource.wind_down));
}

json::value admin_login(const std::optional<config::AdminLogin>& login, const Origin& origin) {
    if (!login) return nullptr;
    return json::object{{"user", text_value(login->user)},
                        {"password", secret(login->password.has_value(), login->password_reference, origin)},
                        {"database", text_value(login->database)}};
}

json::object settings_of(const config::Resource& resource, const Origin& origin) {
    const bool own = resource.authenticates_people();
    // Host and port as they are written: of a Unix socket its directory, and the number in its name.
    const json::object written = config::to_json(config::Object{resource});
    return {{"name", text_value(resource.name)},
            {"description", text_value(resource.description)},
            {"host", written.at("host")},
            {"port", written.at("port")},
            {"tls", tls(resource)},
            {"databases", text_list(resource.databases)},
            {"default_database", text_value(resource.default_database)},
            {"login", to_string(resource.login)},
            {"authentication", own ? json::value(to_string(resource.authentication)) : json::value(nullptr)},
            {"role", role(resource.role, origin)},
            {"ephemeral", ephemeral(resource.ephemeral)},
            {"admin_login", admin_login(resource.admin_login, origin)},
            {"ungoverned", ungoverned(resource)},
            {"prepared_transactions", prepared_transactions(resource)},
            {"on_store_loss", to_string(resource.on_store_loss)},
            {"recording", to_string(resource.recording)},
            {"wind_down", wind_down(resource)},
            {"attributes", pairs(resource.attributes)}};
}

json::value allowed_times(const std::optional<policy::AllowedTimes>& times) {
    if (!times) return nullptr;
    return json::object{{"time_zone", text_value(times->time_zone())},
                        {"windows", text_list(times->windows())}};
}

json::value allowed_statements(const policy::Rule& rule) {
    if (!rule.types.contains(policy::RequestType::command)) return nullptr;
    const auto texts = [](const std::vector<sql::ObjectPattern>& patterns) {
        json::array list;
        for (const sql::ObjectPattern& pattern : patterns)
            list.emplace_back(text_value(to_string(pattern)));
        return list;
    };
    return json::object{{"select", texts(rule.allowed_statements.select)},
                        {"functions", texts(rule.allowed_statements.functions)}};
}

json::array types(const policy::Rule& rule) {
    json::array list;
    for (const auto type : rule.types)
        list.emplace_back(to_string(type));
    return list;
}

json::object settings_of(const policy::Rule& rule, const Origin&) {
    return {{"name", text_value(rule.name)},
            {"description", text_value(rule.description)},
            {"types", types(rule)},
            {"resources", text_list(rule.resources)},
            {"attributes", pairs(rule.attributes)},
            {"required_groups", text_list(rule.required_groups)},
            {"approval_groups", text_list(rule.approval_groups)},
            {"require_all_groups", rule.require_all_groups},
            {"min_approvals", rule.min_approvals},
            {"force_approval_groups", text_list(rule.force_approval_groups)},
            {"skip_review_groups", text_list(rule.skip_review_groups)},
            {"break_glass_groups", text_list(rule.break_glass_groups)},
            {"max_duration", format_duration(rule.max_duration)},
            {"default_duration", format_duration(rule.default_duration)},
            {"break_glass_duration", format_duration(rule.break_glass_duration)},
            {"reason_required", rule.reason_required},
            {"reason_pattern", rule.reason_pattern ? json::value(text_value(rule.reason_pattern->text()))
                                                   : json::value(nullptr)},
            {"allowed_times", allowed_times(rule.allowed_times)},
            {"recording", to_string(rule.recording)},
            {"allowed_statements", allowed_statements(rule)},
            {"preview", to_string(rule.preview)}};
}

}  // namespace

json::object view(const workflow::ObjectView& stands, const AboutUsers& about) {
    const Origin origin{stands.declared, &about};
    json::object document =
        std::visit([&](const auto& object) { return settings_of(object, origin); }, stands.object);
    document["declared"] = stands.declared;
    document["changed_at"] = instant_or_null(stands.changed_at);
    document["changed_by"] = text_or_null(stands.changed_by);
    return document;
}

}  // namespace curfew::api
