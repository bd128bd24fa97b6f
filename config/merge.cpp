#include "config/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "config/rule_checks.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"

namespace curfew::config {
namespace {

void insert(Config& config, Object object) {
    if (auto* user = std::get_if<User>(&object)) {
        config.users.emplace(user->name, std::move(*user));
    } else if (auto* group = std::get_if<Group>(&object)) {
        config.groups.emplace(group->name, std::move(group->members));
    } else if (auto* resource = std::get_if<Resource>(&object)) {
        config.resources.emplace(resource->name, std::move(*resource));
    } else {
        config.rules.push_back(std::get<policy::Rule>(std::move(object)));
    }
}

// The live object that `key` (`users.alice.email`) is of, and its key there; nullptr: it is of the file.
const ObjectName* live_object_of(std::string_view key, const Config& config, std::string_view& rest) {
    for (const auto& object : config.live_objects) {
        const auto path = fmt::format("{}.{}", section_of(object.kind), object.name);
        if (!key.starts_with(path)) continue;
        rest = key.substr(path.size());
        if (rest.starts_with('.')) rest.remove_prefix(1);
        if (rest.size() == key.size() - path.size() && !rest.empty() && !rest.starts_with('[')) continue;
        return &object;
    }
    return nullptr;
}

// Problems of live objects have no place in the file.
void tell_live_from_declared(std::vector<Problem>& problems, const Config& config) {
    for (auto& problem : problems) {
        std::string_view rest;
        const auto* object = live_object_of(problem.key, config, rest);
        if (object == nullptr) continue;
        problem = {live_file(*object), 0, 0, std::string{rest}, std::move(problem.message)};
    }
}

// Adds the objects, and what is wrong with them to `problems`.
void add_live(Config& config, const Declared& declared, std::span<const LiveObject> live,
              const Environment& environment, std::vector<Problem>& problems) {
    for (const auto& object : live) {
        if (declared.config.has(object.name)) {
            const auto declaration =
                declared.places.at(fmt::format("{}.{}", section_of(object.name.kind), object.name.name), {});
            problems.push_back(
                {declaration.file, declaration.line, declaration.column, declaration.key,
                 fmt::format("there is a live {} too; remove one of the two", to_string(object.name))});
            continue;
        }
        auto read = read_live_object(object.name, object.document, config.live, environment);
        if (auto* wrong = std::get_if<std::vector<Problem>>(&read)) {
            std::move(wrong->begin(), wrong->end(), std::back_inserter(problems));
            continue;
        }
        if (config.live_objects.insert(object.name).second) insert(config, std::get<Object>(std::move(read)));
    }
    std::sort(config.rules.begin(), config.rules.end(),
              [](const policy::Rule& a, const policy::Rule& b) { return a.name < b.name; });
}

// Members of live groups who are no users (any more) are in no group: Config::directory() passes them over.
void remark_upon_strangers(Config& config) {
    if (config.accept_unlisted_users) return;
    for (const auto& [name, members] : config.groups) {
        const ObjectName group{ObjectKind::group, name};
        if (!config.is_live(group)) continue;
        for (const auto& member : members) {
            if (config.users.contains(member)) continue;
            config.remarks.push_back(
                {live_file(group), 0, 0, "members",
                 fmt::format("there is no user '{}' (any more); the group is without them",
                             printable(member))});
        }
    }
}

// A live rule never refuses the file; what is declared must be right.
void look_at_rules(Config& config, Report& report) {
    for (const auto& rule : config.rules) {
        const bool is_live = config.is_live({ObjectKind::rule, rule.name});
        const auto key = [&](const RuleProblem& problem) {
            return fmt::format("rules.{}.{}", rule.name, problem.key);
        };
        for (const auto& problem : missing_names(rule, config)) {
            if (is_live) {
                config.remarks.push_back(report.at(key(problem), problem.message));
            } else {
                report.add(key(problem), problem.message + ", neither in this file nor live");
            }
        }
        for (const auto& problem : {too_few_reviewers(rule, config), attributes_of_nothing(rule, config)}) {
            if (problem) config.remarks.push_back(report.at(key(*problem), problem->message));
        }
    }
}

std::vector<Problem> relative(const std::string& file, std::vector<RuleProblem> found) {
    std::vector<Problem> problems;
    for (auto& problem : found)
        problems.push_back({file, 0, 0, std::move(problem.key), std::move(problem.message)});
    return problems;
}

std::vector<Problem> check_members(const Group& group, const Config& whole) {
    std::vector<Problem> problems;
    const auto directory = whole.directory();
    Guesses guess{names_of(whole.users)};
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        const auto& member = group.members[i];
        if (whole.users.contains(member)) continue;
        const auto add = [&](std::string message) {
            problems.push_back({live_file({ObjectKind::group, group.name}), 0, 0,
                                fmt::format("members[{}]", i), std::move(message)});
        };
        const auto user = directory.canonical(member);
        if (user && whole.users.contains(*user)) {
            add(fmt::format("'{}' is another name of the user '{}'; write that one", printable(member),
                            printable(*user)));
        } else if (!whole.accept_unlisted_users) {
            add(fmt::format("there is no user '{}'{}", printable(member), guess(member)));
        }
    }
    return problems;
}

bool names_group(const policy::Rule& rule, const std::string& group) {
    return rule.required_groups.contains(group) || rule.approval_groups.contains(group) ||
           rule.force_approval_groups.contains(group) || rule.skip_review_groups.contains(group) ||
           rule.break_glass_groups.contains(group);
}

}  // namespace

LoadResult merge(const Declared& declared, std::span<const LiveObject> live, const Environment& environment) {
    Config config = declared.config;
    std::vector<Problem> problems;
    add_live(config, declared, live, environment, problems);
    remark_upon_strangers(config);

    Report report = declared.places;
    // The file alone has passed these.
    if (!config.live_objects.empty()) check_clashes(config, report);
    look_at_rules(config, report);
    auto of_the_whole = report.take();
    // With an object missing for its own problem, what the others say of it would be noise.
    if (problems.empty()) problems = std::move(of_the_whole);
    tell_live_from_declared(problems, config);
    tell_live_from_declared(config.remarks, config);
    sort_by_place(problems);
    if (!problems.empty()) return problems;
    return config;
}

std::vector<Problem> check_object(const Object& object, const Config& whole) {
    if (const auto* group = std::get_if<Group>(&object)) return check_members(*group, whole);
    const auto* rule = std::get_if<policy::Rule>(&object);
    if (rule == nullptr) return {};
    auto found = missing_names(*rule, whole);
    if (auto problem = too_few_reviewers(*rule, whole)) found.push_back(std::move(*problem));
    return relative(live_file(name_of(object)), std::move(found));
}

std::vector<ObjectName> named_by(const Config& config, const ObjectName& object) {
    std::vector<ObjectName> names;
    if (object.kind == ObjectKind::user) {
        for (const auto& [group, members] : config.groups) {
            if (std::find(members.begin(), members.end(), object.name) != members.end()) {
                names.push_back({ObjectKind::group, group});
            }
        }
    }
    for (const auto& rule : config.rules) {
        const bool names_it = (object.kind == ObjectKind::group && names_group(rule, object.name)) ||
                              (object.kind == ObjectKind::resource && rule.resources.contains(object.name));
        if (names_it) names.push_back({ObjectKind::rule, rule.name});
    }
    return names;
}

std::vector<Group> groups_without(const Config& config, std::string_view user) {
    std::vector<Group> groups;
    for (const auto& [name, members] : config.groups) {
        if (!config.is_live({ObjectKind::group, name})) continue;
        Group group{name, {}};
        std::copy_if(members.begin(), members.end(), std::back_inserter(group.members),
                     [&](const std::string& member) { return member != user; });
        if (group.members.size() < members.size()) groups.push_back(std::move(group));
    }
    return groups;
}

}  // namespace curfew::config
