#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <ostream>

#include "cli/admin_objects.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

std::string pairs_text(const json::value& object, std::string_view name) {
    const auto& pairs = member_of(object, name);
    if (!pairs.is_object()) return {};
    std::string text;
    for (const auto& [key, value] : pairs.get_object()) {
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", std::string_view{key}, text_of(pairs, key));
    }
    return text;
}

Cell origin_cell(const json::value& object) {
    return flag_of(object, "declared") ? Cell{"declared", Style::dim} : Cell{"live"};
}

std::string covers_text(const json::value& rule) {
    auto text = joined(texts_of(rule, "resources"), "");
    const auto attributes = pairs_text(rule, "attributes");
    if (attributes.empty()) return text;
    return text + (text.empty() ? "" : ", ") + "all with " + attributes;
}

Table users_table(const json::array& users) {
    Table table{{"USER", "NAME", "GROUPS", "ADMINISTRATOR", "PASSWORD", "FROM"}};
    for (const auto& user : users) {
        table.add({{text_of(user, "name"), Style::bold},
                   text_of(user, "display_name"),
                   joined(texts_of(user, "groups"), ""),
                   flag_of(user, "administrator") ? "yes" : "no",
                   flag_of(user, "has_password") ? "yes" : "no",
                   origin_cell(user)});
    }
    return table;
}

Table groups_table(const json::array& groups) {
    Table table{{"GROUP", "MEMBERS", "FROM"}};
    for (const auto& group : groups)
        table.add({{text_of(group, "name"), Style::bold},
                   joined(texts_of(group, "members"), ""),
                   origin_cell(group)});
    return table;
}

Table resources_table(const json::array& resources) {
    Table table{{"RESOURCE", "HOST", "PORT", "LOGIN", "DATABASES", "ATTRIBUTES", "FROM", "DESCRIPTION"}};
    for (const auto& resource : resources) {
        table.add({{text_of(resource, "name"), Style::bold},
                   text_of(resource, "host"),
                   std::to_string(number_of(resource, "port")),
                   text_of(resource, "login"),
                   joined(texts_of(resource, "databases"), "any"),
                   pairs_text(resource, "attributes"),
                   origin_cell(resource),
                   text_of(resource, "description")});
    }
    return table;
}

Table rules_table(const json::array& rules) {
    Table table{{"RULE", "COVERS", "ASKED BY", "APPROVED BY", "AT MOST", "FROM", "DESCRIPTION"}};
    for (const auto& rule : rules) {
        table.add({{text_of(rule, "name"), Style::bold},
                   covers_text(rule),
                   joined(texts_of(rule, "required_groups"), "everyone"),
                   joined(texts_of(rule, "approval_groups")),
                   text_of(rule, "max_duration"),
                   origin_cell(rule),
                   text_of(rule, "description")});
    }
    return table;
}

Table table_of(const ObjectKind& kind, const json::array& items) {
    if (kind.name == "user") return users_table(items);
    if (kind.name == "group") return groups_table(items);
    return kind.name == "resource" ? resources_table(items) : rules_table(items);
}

}  // namespace

ExitCode list_objects(const Context& context, const ObjectKind& kind) {
    const auto answer = context.client.get_all(fmt::format("/{}", kind.section));
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto table = table_of(kind, list_of(answer->document, "items"));
    if (table.empty() && context.terminal.is_terminal) {
        context.out << fmt::format("No {0}. Make one: curfew admin create {1} NAME\n", kind.section,
                                   kind.name);
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

}  // namespace curfew::cli
