#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/duration.hpp"
#include "config/objects.hpp"

namespace curfew::config {
namespace {

namespace json = boost::json;

constexpr std::string_view socket_name = "/.s.PGSQL.";

template <class Texts>
json::array array_of(const Texts& texts) {
    json::array array;
    for (const auto& text : texts)
        array.emplace_back(std::string_view{text});
    return array;
}

// Leaves out what is empty: as good as not written.
template <class Texts>
void add_texts(json::object& object, std::string_view key, const Texts& texts) {
    if (!texts.empty()) object[key] = array_of(texts);
}
void add_text(json::object& object, std::string_view key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}
void add_text(json::object& object, std::string_view key, const std::optional<std::string>& text) {
    if (text) object[key] = *text;
}
template <class Map>
void add_map(json::object& object, std::string_view key, const Map& map) {
    if (map.empty()) return;
    json::object members;
    for (const auto& [name, text] : map)
        members[name] = text;
    object[key] = std::move(members);
}
void add_secret(json::object& object, std::string_view key, const std::optional<SecretReference>& reference) {
    if (reference) object[key] = json::object{{to_string(reference->kind), reference->name}};
}

json::object json_of(const User& user) {
    json::object object;
    add_text(object, "display_name", user.display_name);
    add_texts(object, "aliases", user.aliases);
    add_text(object, "email", user.email);
    add_text(object, "oidc_subject", user.oidc_subject);
    add_secret(object, "scram_verifier", user.scram_verifier_reference);
    if (user.certificate_name != user.name) object["certificate_name"] = user.certificate_name;
    return object;
}

json::object json_of(const Group& group) {
    return {{"members", array_of(group.members)}};
}

// As libpq has them: the directory of a Unix socket, and the number in its name.
void add_upstream(json::object& object, const Endpoint& upstream) {
    if (!upstream.is_unix()) {
        object["host"] = upstream.host;
        object["port"] = upstream.port;
        return;
    }
    const auto end = upstream.host.rfind(socket_name);
    const auto directory = upstream.host.substr(0, end);
    object["host"] = directory.empty() ? "/" : directory;
    object["port"] = std::stoi(upstream.host.substr(end + socket_name.size()));
}

json::object json_of(const UpstreamTls& tls) {
    json::object object;
    object["sslmode"] = to_string(tls.mode);
    add_text(object, "root_certificate", tls.root_certificate_file);
    add_text(object, "certificate", tls.certificate_file);
    add_text(object, "key", tls.key_file);
    return object;
}

json::object json_of(const UpstreamRole& role) {
    json::object object;
    object["user"] = role.user;
    add_secret(object, "password", role.password_reference);
    return object;
}

json::object json_of(const EphemeralRoles& roles) {
    json::object object;
    add_texts(object, "member_of", roles.member_of);
    object["owner"] = roles.owner;
    return object;
}

json::object json_of(const AdminLogin& login) {
    json::object object;
    object["user"] = login.user;
    add_secret(object, "password", login.password_reference);
    object["database"] = login.database;
    return object;
}

json::object json_of(const Ungoverned& ungoverned) {
    return {{"enforce", to_string(ungoverned.enforce)}, {"interval", format_duration(ungoverned.interval)}};
}

json::object json_of(const Resource& resource) {
    json::object object;
    add_text(object, "description", resource.description);
    add_upstream(object, resource.upstream);
    if (!resource.upstream.is_unix()) object["tls"] = json_of(resource.tls);
    add_texts(object, "databases", resource.databases);
    object["default_database"] = resource.default_database;
    object["login"] = to_string(resource.login);
    if (resource.authenticates_people()) object["authentication"] = to_string(resource.authentication);
    if (resource.role) object["role"] = json_of(*resource.role);
    if (resource.ephemeral) object["ephemeral"] = json_of(*resource.ephemeral);
    if (resource.admin_login) {
        object["admin_login"] = json_of(*resource.admin_login);
        object["ungoverned"] = json_of(resource.ungoverned);
        object["prepared_transactions"] = to_string(resource.prepared_transactions);
    }
    object["on_store_loss"] = to_string(resource.on_store_loss);
    object["recording"] = to_string(resource.recording);
    if (resource.wind_down) object["wind_down"] = format_duration(*resource.wind_down);
    add_map(object, "attributes", resource.attributes);
    return object;
}

json::object json_of(const policy::AllowedTimes& times) {
    return {{"time_zone", times.time_zone()}, {"windows", array_of(times.windows())}};
}

json::object json_of(const sql::AllowedStatements& allowed) {
    const auto texts = [](const std::vector<sql::ObjectPattern>& patterns) {
        json::array array;
        for (const sql::ObjectPattern& pattern : patterns)
            array.emplace_back(to_string(pattern));
        return array;
    };
    json::object object;
    if (!allowed.select.empty()) object["select"] = texts(allowed.select);
    if (!allowed.functions.empty()) object["functions"] = texts(allowed.functions);
    return object;
}

json::object json_of(const policy::Rule& rule) {
    json::object object;
    add_text(object, "description", rule.description);
    json::array types;
    for (const auto type : rule.types)
        types.emplace_back(to_string(type));
    object["types"] = std::move(types);
    add_texts(object, "resources", rule.resources);
    add_map(object, "attributes", rule.attributes);
    add_texts(object, "required_groups", rule.required_groups);
    add_texts(object, "approval_groups", rule.approval_groups);
    object["require_all_groups"] = rule.require_all_groups;
    object["min_approvals"] = rule.min_approvals;
    add_texts(object, "force_approval_groups", rule.force_approval_groups);
    add_texts(object, "skip_review_groups", rule.skip_review_groups);
    add_texts(object, "break_glass_groups", rule.break_glass_groups);
    object["max_duration"] = format_duration(rule.max_duration);
    object["default_duration"] = format_duration(rule.default_duration);
    object["break_glass_duration"] = format_duration(rule.break_glass_duration);
    object["reason_required"] = rule.reason_required;
    if (rule.reason_pattern) object["reason_pattern"] = rule.reason_pattern->text();
    if (rule.allowed_times) object["allowed_times"] = json_of(*rule.allowed_times);
    object["recording"] = to_string(rule.recording);
    if (rule.types.contains(policy::RequestType::command)) {
        if (auto allowed = json_of(rule.allowed_statements); !allowed.empty())
            object["allowed_statements"] = std::move(allowed);
        object["preview"] = to_string(rule.preview);
    }
    return object;
}

}  // namespace

json::object to_json(const Object& object) {
    return std::visit([](const auto& held) { return json_of(held); }, object);
}

}  // namespace curfew::config
