#include "cli/admin_objects.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <ostream>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/editor.hpp"
#include "cli/json_access.hpp"
#include "cli/yaml_text.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

json::object with_name(const std::string& name, const json::object& settings) {
    json::object body{{"name", name}};
    for (const auto& [key, value] : settings)
        body[key] = value;
    return body;
}

ExitCode print_done(const Context& context, std::string_view done, const ObjectKind& kind,
                    const std::string& name, const Answer& answer) {
    if (context.json) {
        context.out << answer.text;
    } else {
        fmt::print(context.out, "{} {} {}\n", done, kind.name, name);
    }
    return ExitCode::ok;
}

// Takes a resource back whose rule could not be made.
Failure taken_back(const Context& context, const ObjectKind& kind, const std::string& name,
                   const std::string& etag, Failure why) {
    const auto removed = context.client.remove(object_path(kind, name), etag.empty() ? "*" : etag);
    why.message = removed ? fmt::format("Nothing was made, for its rule could not be: {}", why.message)
                          : fmt::format(
                                "Resource {0} was made, but its rule was not: {1}\nIt is closed until a rule "
                                "covers it: curfew admin create rule {0} --resources {0} --reviewers …",
                                name, why.message);
    return why;
}

std::string origin_comment(const json::value& shown) {
    if (flag_of(shown, "declared")) return "# declared in the configuration file\n";
    const auto at = instant_of(shown, "changed_at");
    const auto by = text_of(shown, "changed_by");
    return fmt::format("# live{}{}\n", at ? ", changed " + format_local(*at) : "",
                       by.empty() ? "" : " by " + by);
}

// What the group's members are after the change.
void change_members(const ObjectChange& change, json::object& settings) {
    json::array members;
    const auto is_in = [](const std::vector<std::string>& names, const json::value& name) {
        return std::any_of(names.begin(), names.end(),
                           [&](const auto& one) { return name == json::value(one); });
    };
    if (const auto* before = settings.if_contains("members"); before != nullptr && before->is_array()) {
        for (const auto& member : before->get_array()) {
            if (!is_in(change.remove_members, member) && !is_in(change.add_members, member))
                members.push_back(member);
        }
    }
    for (const auto& name : change.add_members)
        members.emplace_back(name);
    settings["members"] = std::move(members);
}

Outcome<json::object> changed(const ObjectKind& kind, const ObjectChange& change, json::object settings) {
    if (change.settings.empty() && change.add_members.empty() && change.remove_members.empty()) {
        const auto text = edit_text(to_yaml(settings), fmt::format("{}-{}.yaml", kind.name, change.name));
        if (!text) return text.error();
        auto edited = parse_yaml(*text);
        if (!edited) return edited.error();
        if (edited->is_null()) return json::object{};
        if (!edited->is_object()) return Failure{ExitCode::usage, "What you wrote is no list of settings"};
        return edited->get_object();
    }
    for (const auto& [setting, values] : change.settings) {
        if (auto problem = put_setting(setting, values, settings); !problem.empty()) {
            return Failure{ExitCode::usage, std::move(problem)};
        }
    }
    if (!change.add_members.empty() || !change.remove_members.empty()) change_members(change, settings);
    return settings;
}

}  // namespace

std::string object_path(const ObjectKind& kind, std::string_view name) {
    return fmt::format("/{}/{}", kind.section, path_segment(name));
}

ExitCode show_object(const Context& context, const ObjectKind& kind, const std::string& name) {
    const auto answer = context.client.get(object_path(kind, name));
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    json::object named;
    named[text_of(answer->document, "name")] = settings_shown(kind, answer->document);
    context.out << origin_comment(answer->document)
                << to_yaml(json::object{{kind.section, std::move(named)}});
    return ExitCode::ok;
}

ExitCode create_object(const Context& context, const ObjectKind& kind, const NewObject& object) {
    const auto answer =
        context.client.create(fmt::format("/{}", kind.section), with_name(object.name, object.settings));
    if (!answer) return report(context, answer.error());
    if (!object.rule) {
        print_done(context, "Created", kind, object.name, *answer);
        if (kind.name == "resource" && !context.json) {
            fmt::print(
                context.err,
                "curfew: it is closed to everyone but administrators until a rule covers it: curfew admin "
                "create rule NAME --resources {} --reviewers GROUP\n",
                object.name);
        }
        return ExitCode::ok;
    }
    const auto rule = context.client.create("/rules", with_name(object.name, *object.rule));
    if (!rule) return report(context, taken_back(context, kind, object.name, answer->etag, rule.error()));
    if (context.json) {
        const json::object both{{"resource", answer->document}, {"rule", rule->document}};
        context.out << json::serialize(both) << '\n';
        return ExitCode::ok;
    }
    fmt::print(context.out, "Created resource {0}, and rule {0}: reviewed by {1}\n", object.name,
               joined(texts_of(rule->document, "approval_groups")));
    return ExitCode::ok;
}

ExitCode edit_object(const Context& context, const ObjectKind& kind, const ObjectChange& change) {
    const auto path = object_path(kind, change.name);
    const auto shown = context.client.get(path);
    if (!shown) return report(context, shown.error());
    if (flag_of(shown->document, "declared")) {
        return report(context,
                      {ExitCode::conflict,
                       fmt::format("{} {} is declared in the configuration file: change it there, and reload",
                                   kind.name, change.name)});
    }
    const auto before = settings_shown(kind, shown->document);
    const auto after = changed(kind, change, before);
    if (!after) return report(context, after.error());
    if (*after == before) {
        if (context.json) {
            context.out << shown->text;
        } else {
            fmt::print(context.out, "Nothing to change in {} {}\n", kind.name, change.name);
        }
        return ExitCode::ok;
    }
    // Refused where somebody else has changed it since.
    const auto answer = context.client.put(path, *after, shown->etag);
    if (!answer) return report(context, answer.error());
    return print_done(context, "Changed", kind, change.name, *answer);
}

ExitCode delete_object(const Context& context, const ObjectKind& kind, const std::string& name) {
    const auto answer = context.client.remove(object_path(kind, name), "*");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << "{\"deleted\":true}\n";
        return ExitCode::ok;
    }
    return print_done(context, "Deleted", kind, name, *answer);
}

ExitCode make_one_time_link(const Context& context, const std::string& user) {
    const auto answer = context.client.post(fmt::format("/users/{}/one-time-link", path_segment(user)));
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto& link = answer->document;
    const auto url = text_of(link, "url");
    const auto until = instant_of(link, "expires_at");
    fmt::print(context.err, "For {} alone{}; it works once:\n", text_of(link, "user"),
               until ? ", until " + format_local(*until) : "");
    context.out << (url.empty() ? text_of(link, "code") : url) << '\n';
    return ExitCode::ok;
}

}  // namespace curfew::cli
