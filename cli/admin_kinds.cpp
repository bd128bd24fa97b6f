#include "cli/admin_kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <charconv>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "cli/json_access.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr std::array user_settings{
    Setting{"--display-name", "display_name", Form::text, "The name that people read"},
    Setting{"--email", "email", Form::text, "Where they are told"},
    Setting{"--oidc-subject", "oidc_subject", Form::text, "`sub` at the OpenID provider"},
    Setting{"--aliases", "aliases", Form::names, "Other names of the same person"},
    Setting{"--scram-verifier", "scram_verifier", Form::secret, "Where curfewd finds their verifier"},
    Setting{"--certificate-name", "certificate_name", Form::text, "The common name of their certificate"},
};
constexpr std::array group_settings{
    Setting{"--members", "members", Form::names, "Users"},
};
constexpr std::array resource_settings{
    Setting{"--description", "description", Form::text, "What it is"},
    Setting{"--host", "host", Form::text, "PostgreSQL's host, or the directory of its Unix socket"},
    Setting{"--port", "port", Form::number, "PostgreSQL's port"},
    Setting{"--databases", "databases", Form::names, "Only these; any if left out"},
    Setting{"--default-database", "default_database", Form::text, "Where none is named"},
    Setting{"--login", "login", Form::text, "passthrough, managed or ephemeral"},
    Setting{"--authentication", "authentication", Form::text, "scram, certificate or scram_or_certificate"},
    Setting{"--role", "role.user", Form::text, "With login managed: the role to log in as"},
    Setting{"--role-password", "role.password", Form::secret, "Where curfewd finds its password"},
    Setting{"--member-of", "ephemeral.member_of", Form::names,
            "With login ephemeral: whose rights people get"},
    Setting{"--owner", "ephemeral.owner", Form::text, "Who gets what such a role owns at its end"},
    Setting{"--admin-login", "admin_login.user", Form::text, "The role that ends backends"},
    Setting{"--admin-password", "admin_login.password", Form::secret, "Where curfewd finds its password"},
    Setting{"--admin-database", "admin_login.database", Form::text, "Where it connects to"},
    Setting{"--ungoverned", "ungoverned.enforce", Form::text,
            "Who did not come through Curfew: report or terminate"},
    Setting{"--ungoverned-interval", "ungoverned.interval", Form::duration, "How often that is looked for"},
    Setting{"--prepared-transactions", "prepared_transactions", Form::text,
            "What sessions leave behind: report or rollback"},
    Setting{"--on-store-loss", "on_store_loss", Form::text,
            "What live sessions do without the store: keep-until-deadline or end"},
    Setting{"--recording", "recording", Form::text, "Of its sessions: off, statements or full"},
    Setting{"--wind-down", "wind_down", Form::duration, "So long before the end no new transaction begins"},
    Setting{"--sslmode", "tls.sslmode", Form::text, "As for libpq: prefer, verify-full, …"},
    Setting{"--root-certificate", "tls.root_certificate", Form::text, "Whom curfewd trusts: a file"},
    Setting{"--certificate", "tls.certificate", Form::text, "What curfewd shows: a file"},
    Setting{"--key", "tls.key", Form::text, "The key of that: a file"},
    Setting{"--attributes", "attributes", Form::pairs, "For rules to go by: env=prod,team=dba"},
};
// The last are those of the rule that comes with a new resource.
constexpr std::array rule_settings{
    Setting{"--description", "description", Form::text, "What it is for"},
    Setting{"--types", "types", Form::names, "jit, command or both"},
    Setting{"--resources", "resources", Form::names, "It covers these"},
    Setting{"--attributes", "attributes", Form::pairs, "It covers what has all of these: env=prod"},
    Setting{"--recording", "recording", Form::text, "Of sessions approved under it: off, statements or full"},
    Setting{"--allowed-select", "allowed_statements.select", Form::names,
            "Of type command: what SELECT may read without asking: public.orders,analytics.*"},
    Setting{"--allowed-functions", "allowed_statements.functions", Form::names,
            "Of type command: functions that it may call there: public.total"},
    Setting{"--preview", "preview", Form::text,
            "Of type command: what those who decide see beforehand: off, explain or dry_run"},
    Setting{"--approval-groups,--reviewers", "approval_groups", Form::names, "Groups that approve"},
    Setting{"--required-groups", "required_groups", Form::names, "Groups that may ask; everyone if left out"},
    Setting{"--require-all-groups", "require_all_groups", Form::yes, "One approval from each group"},
    Setting{"--min-approvals", "min_approvals", Form::number, "So many at least"},
    Setting{"--force-approval-groups", "force_approval_groups", Form::names, "One of theirs decides alone"},
    Setting{"--skip-review-groups", "skip_review_groups", Form::names, "Theirs need no review"},
    Setting{"--break-glass-groups", "break_glass_groups", Form::names,
            "May have access at once in an emergency"},
    Setting{"--max-duration", "max_duration", Form::duration, "At most so long"},
    Setting{"--default-duration", "default_duration", Form::duration, "Where none is asked for"},
    Setting{"--break-glass-duration", "break_glass_duration", Form::duration,
            "At most so long, in an emergency"},
    Setting{"--reason-required", "reason_required", Form::yes, "Nobody gets in without a reason"},
    Setting{"--reason-pattern", "reason_pattern", Form::text, "What a reason must match (RE2)"},
    Setting{"--time-zone", "allowed_times.time_zone", Form::text, "Of --allowed-times: Europe/Berlin"},
    Setting{"--allowed-times", "allowed_times.windows", Form::lines, "Only then: 'Mon-Fri 08:00-18:00'"},
};
constexpr std::size_t rule_settings_of_its_own = 8;
static_assert(rule_settings[rule_settings_of_its_own].key == "approval_groups");

constexpr std::array kinds{
    ObjectKind{"user", "users", user_settings},
    ObjectKind{"group", "groups", group_settings},
    ObjectKind{"resource", "resources", resource_settings},
    ObjectKind{"rule", "rules", rule_settings},
};

std::vector<std::string> split_at_commas(const std::vector<std::string>& values) {
    std::vector<std::string> parts;
    for (const auto& value : values) {
        std::size_t begin = 0;
        while (begin <= value.size()) {
            const auto end = std::min(value.find(',', begin), value.size());
            if (end > begin) parts.push_back(value.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    return parts;
}

std::string put_number(const Setting& setting, const std::string& text, json::value& to) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return fmt::format("{}: '{}' is not a number", setting.option, printable(text));
    }
    to = number;
    return {};
}

std::string put_pairs(const Setting& setting, const std::vector<std::string>& values, json::value& to) {
    json::object pairs;
    for (const auto& part : split_at_commas(values)) {
        const auto equals = part.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fmt::format("{}: '{}' is not NAME=VALUE", setting.option, printable(part));
        }
        pairs[part.substr(0, equals)] = part.substr(equals + 1);
    }
    to = std::move(pairs);
    return {};
}

std::string put_secret(const Setting& setting, const std::string& text, json::value& to) {
    const auto colon = text.find(':');
    const auto where = text.substr(0, colon);
    const bool known = where == "file" || where == "env" || where == "credential";
    if (!known || colon == std::string::npos || colon + 1 == text.size()) {
        // What stands there may be the secret itself: not repeated.
        return fmt::format("{}: say where curfewd finds it: file:PATH, env:NAME or credential:NAME",
                           setting.option);
    }
    to = json::object{{where, text.substr(colon + 1)}};
    return {};
}

json::array array_of(const std::vector<std::string>& values) {
    json::array array;
    for (const auto& value : values)
        array.emplace_back(value);
    return array;
}

std::string put_value(const Setting& setting, const std::vector<std::string>& values, json::value& to) {
    switch (setting.form) {
        case Form::number:
            return put_number(setting, values.back(), to);
        case Form::duration: {
            const auto duration = parse_duration(values.back());
            if (!duration) return fmt::format("{}: {}", setting.option, duration.error().message);
            to = values.back();
            return {};
        }
        case Form::yes:
            to = values.back() != "false";
            return {};
        case Form::names:
            to = array_of(split_at_commas(values));
            return {};
        case Form::lines:
            to = array_of(values);
            return {};
        case Form::pairs:
            return put_pairs(setting, values, to);
        case Form::secret:
            return put_secret(setting, values.back(), to);
        case Form::text:
            break;
    }
    to = values.back();
    return {};
}

// Without what has nothing in it.
json::value pruned(const json::value& value) {
    if (!value.is_object()) return value;
    json::object kept;
    for (const auto& [name, member] : value.get_object()) {
        auto inner = pruned(member);
        const bool nothing = inner.is_null() || (inner.is_string() && inner.get_string().empty()) ||
                             (inner.is_array() && inner.get_array().empty()) ||
                             (inner.is_object() && inner.get_object().empty());
        if (!nothing) kept[name] = std::move(inner);
    }
    return kept;
}

}  // namespace

std::span<const ObjectKind> object_kinds() {
    return kinds;
}

const ObjectKind& kind_named(std::string_view name) {
    const auto* found =
        std::find_if(kinds.begin(), kinds.end(), [&](const ObjectKind& kind) { return kind.name == name; });
    if (found == kinds.end()) throw std::logic_error("no such kind of object");
    return *found;
}

std::span<const Setting> settings_of_resource_rule() {
    return std::span{rule_settings}.subspan(rule_settings_of_its_own);
}

std::string put_setting(const Setting& setting, const std::vector<std::string>& values,
                        json::object& settings) {
    json::object* object = &settings;
    auto key = setting.key;
    if (const auto dot = key.find('.'); dot != std::string_view::npos) {
        auto& inner = settings[key.substr(0, dot)];
        if (!inner.is_object()) inner = json::object{};
        object = &inner.get_object();
        key = key.substr(dot + 1);
    }
    const bool nothing =
        std::all_of(values.begin(), values.end(), [](const auto& value) { return value.empty(); });
    if (nothing) {
        object->erase(key);
    } else if (auto problem = put_value(setting, values, (*object)[key]); !problem.empty()) {
        return problem;
    }
    // An inner object that lost its last member is gone itself.
    if (object != &settings && object->empty()) settings.erase(setting.key.substr(0, setting.key.find('.')));
    return {};
}

json::object settings_shown(const ObjectKind& kind, const json::value& shown) {
    const auto all = pruned(shown);
    json::object settings;
    for (const Setting& setting : kind.settings) {
        const auto key = setting.key.substr(0, setting.key.find('.'));
        const auto& member = member_of(all, key);
        // A certificate's name is the user's unless it says otherwise.
        const bool usual = key == "certificate_name" && member == member_of(shown, "name");
        if (!member.is_null() && !usual) settings[key] = member;
    }
    return settings;
}

}  // namespace curfew::cli
