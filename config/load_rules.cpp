#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

using namespace std::chrono_literals;
using policy::GroupNames;
using policy::RequestType;
using policy::Rule;

constexpr std::array request_types{RequestType::jit, RequestType::command};
constexpr std::array recording_modes_of_rules{policy::RecordingMode::off, policy::RecordingMode::statements,
                                              policy::RecordingMode::full};
constexpr std::array preview_modes{policy::PreviewMode::off, policy::PreviewMode::explain,
                                   policy::PreviewMode::dry_run};
constexpr std::size_t longest_pattern = 1000;
constexpr std::size_t most_objects = 1'000;
constexpr std::size_t longest_object = 2 * longest_name + 1;
constexpr std::uint64_t most_approvals = 100;
constexpr std::size_t most_windows = 100;
constexpr Duration shortest = 1s;
constexpr Duration longest_duration = 366 * 24h;
constexpr Duration longest_break_glass = 4h;

// None of them empty: those that cannot be read are left out.
GroupNames read_set(const Section& section, std::string_view key) {
    const auto value = section.find(key);
    if (!value || value->is_nothing()) return {};
    GroupNames names;
    for (auto& name : read_names(*value).value_or(std::vector<std::string>{})) {
        if (!name.empty()) names.insert(std::move(name));
    }
    return names;
}

void read_types(const Section& section, Rule& rule) {
    const auto value = section.find("types");
    if (!value) return;
    const auto items = value->list();
    if (!items) return;
    rule.types.clear();
    if (items->empty()) value->problem("the list is empty; expected jit, command or both");
    for (const Value& item : *items) {
        const auto type = item.choice(request_types);
        if (type && !rule.types.insert(*type).second) {
            item.problem(fmt::format("'{}' is listed twice", to_string(*type)));
        }
    }
}

// True if there is something under `key`, whether it could be read or not.
bool gives(const Section& section, std::string_view key) {
    const auto value = section.find(key);
    return value && !(value->node().items.empty() && value->node().entries.empty() &&
                      value->node().kind != DocumentNode::Kind::text);
}

void read_coverage(const Section& section, const Value& value, Rule& rule) {
    rule.resources = read_set(section, "resources");
    for (auto& [name, attribute] : read_attributes(section))
        rule.attributes.emplace(name, attribute);
    if (section.readable() && !gives(section, "resources") && !gives(section, "attributes")) {
        value.problem("covers nothing; name 'resources', or the 'attributes' of those that it is for");
    }
}

void read_groups(const Section& section, const Value& value, Rule& rule) {
    rule.required_groups = read_set(section, "required_groups");
    rule.approval_groups = read_set(section, "approval_groups");
    rule.force_approval_groups = read_set(section, "force_approval_groups");
    rule.skip_review_groups = read_set(section, "skip_review_groups");
    rule.break_glass_groups = read_set(section, "break_glass_groups");
    if (!section.readable()) return;
    if (gives(section, "approval_groups") || gives(section, "force_approval_groups")) return;
    if (!gives(section, "skip_review_groups")) {
        value.problem(
            "nobody could approve a request; name 'approval_groups' (or 'force_approval_groups', or "
            "'skip_review_groups' of those who need no review)");
    } else if (gives(section, "break_glass_groups")) {
        section.find("break_glass_groups")
            ->problem("nobody could review what was done by break-glass; name 'approval_groups'");
    }
}

// In whole seconds, as it is shown.
std::optional<Duration> read_seconds(const Value& value, Duration most) {
    const auto duration = value.duration(shortest, most);
    if (!duration || *duration % 1s == Duration::zero()) return duration;
    value.expected("a duration in whole seconds");
    return std::nullopt;
}

// A duration of at most `most`; where it is not given, the usual one, cut to that.
void read_duration_within(const Section& section, std::string_view key, Duration most, const Rule& rule,
                          Duration& into) {
    into = std::min(into, rule.max_duration);
    const auto value = section.find(key);
    if (!value) return;
    const auto duration = read_seconds(*value, most);
    if (!duration) return;
    if (*duration > rule.max_duration) {
        value->problem(fmt::format("{} is longer than 'max_duration', which is {}",
                                   format_duration(*duration), format_duration(rule.max_duration)));
        return;
    }
    into = *duration;
}

void read_durations(const Section& section, Rule& rule) {
    if (const auto most = section.find("max_duration")) {
        const auto duration = read_seconds(*most, longest_duration);
        // Not to be blamed on the others as well.
        rule.max_duration = duration.value_or(longest_duration);
    }
    read_duration_within(section, "default_duration", longest_duration, rule, rule.default_duration);
    read_duration_within(section, "break_glass_duration", longest_break_glass, rule,
                         rule.break_glass_duration);
}

void read_reason(const Section& section, Rule& rule) {
    const auto required = section.find("reason_required");
    if (required) rule.reason_required = required->flag().value_or(false);
    const auto value = section.find("reason_pattern");
    if (!value) return;
    const auto text = value->text(longest_pattern, "a regular expression (RE2)");
    if (!text) return;
    auto pattern = policy::ReasonPattern::parse(*text);
    if (!pattern) {
        value->problem(printable(pattern.error().message));
        return;
    }
    if (required && !rule.reason_required) {
        required->problem("'reason_pattern' makes a reason required; remove one of the two");
    }
    rule.reason_pattern = std::move(*pattern);
    rule.reason_required = true;
}

void read_allowed_times(const Section& section, Rule& rule) {
    const auto value = section.find("allowed_times");
    if (!value) return;
    const Section times{*value, known::allowed_times};
    const auto zone = times.require("time_zone");
    const auto windows = times.require("windows");
    if (!zone || !windows) return;
    const auto zone_name = zone->text(100, "a time zone (Europe/Berlin, UTC)");
    const auto items = windows->list();
    if (!zone_name || !items) return;
    if (items->empty() || items->size() > most_windows) {
        windows->problem(fmt::format("expected 1 to {} windows (Mon-Fri 08:00-18:00), found {}", most_windows,
                                     items->size()));
        return;
    }
    std::vector<std::string> texts;
    for (const Value& item : *items) {
        const auto text = item.text(100, "a window (Mon-Fri 08:00-18:00)");
        if (!text) continue;
        const auto window = policy::parse_weekly_window(*text);
        if (!window) {
            item.problem(printable(window.error().message));
        } else {
            texts.push_back(*text);
        }
    }
    if (texts.size() < items->size()) return;
    auto allowed = policy::AllowedTimes::parse(*zone_name, texts);
    if (!allowed) {
        zone->problem(printable(allowed.error().message));
        return;
    }
    rule.allowed_times = std::move(*allowed);
}

// Tables or functions by name.
std::vector<sql::ObjectPattern> read_objects(const Section& section, std::string_view key) {
    std::vector<sql::ObjectPattern> patterns;
    const auto value = section.find(key);
    const auto items = value ? value->list() : std::nullopt;
    if (!items) return patterns;
    if (items->size() > most_objects) {
        value->problem(fmt::format("expected at most {} names, found {}; name whole schemas (analytics.*)",
                                   most_objects, items->size()));
        return patterns;
    }
    for (const Value& item : *items) {
        const auto text =
            item.text(longest_object, "a table or function (public.orders, analytics.*, orders)");
        if (!text) continue;
        auto pattern = sql::parse_object_pattern(*text);
        if (!pattern) {
            item.problem(printable(pattern.error().message));
        } else if (std::find(patterns.begin(), patterns.end(), *pattern) != patterns.end()) {
            item.problem(fmt::format("'{}' is listed twice", printable(*text)));
        } else {
            patterns.push_back(std::move(*pattern));
        }
    }
    return patterns;
}

// A rule whose types could not be read may be about commands: nothing is said of it.
void check_is_of_commands(const Rule& rule, const Value& said) {
    if (!rule.types.empty() && !rule.types.contains(RequestType::command))
        said.problem("is about commands, and this rule is not; add command to its 'types', or remove this");
}

void read_preview(const Section& section, Rule& rule) {
    const auto value = section.find("preview");
    if (!value) return;
    rule.preview = value->choice(preview_modes).value_or(rule.preview);
    // As `off` it may stand in any rule, for every rule is shown with it.
    if (rule.preview != policy::PreviewMode::off) check_is_of_commands(rule, *value);
}

// What is said of commands alone.
void read_terms_of_commands(const Section& section, Rule& rule) {
    read_preview(section, rule);
    const auto allowed = section.find("allowed_statements");
    if (!allowed) return;
    check_is_of_commands(rule, *allowed);
    const Section statements{*allowed, known::allowed_statements};
    rule.allowed_statements = {read_objects(statements, "select"), read_objects(statements, "functions")};
}

}  // namespace

Rule read_rule(const std::string& name, const Value& value) {
    const Section section{value, known::rule};
    Rule rule;
    rule.name = name;
    if (auto wrong = wrong_plain_name(name)) value.name_problem(std::move(*wrong));
    rule.description = read_description(section);
    read_types(section, rule);
    read_coverage(section, value, rule);
    read_groups(section, value, rule);
    if (const auto all = section.find("require_all_groups")) {
        rule.require_all_groups = all->flag().value_or(false);
    }
    if (const auto approvals = section.find("min_approvals")) {
        rule.min_approvals = static_cast<unsigned>(approvals->number(1, most_approvals).value_or(1));
    }
    read_durations(section, rule);
    read_reason(section, rule);
    read_allowed_times(section, rule);
    if (const auto mode = section.find("recording"))
        rule.recording = mode->choice(recording_modes_of_rules).value_or(rule.recording);
    read_terms_of_commands(section, rule);
    return rule;
}

void read_rules(const Section& top, Config& config) {
    const auto value = top.find("rules");
    if (!value) return;
    for (const auto& [name, rule] : value->members().value_or(Value::Members{}))
        config.rules.push_back(read_rule(name, rule));
    std::sort(config.rules.begin(), config.rules.end(),
              [](const Rule& a, const Rule& b) { return a.name < b.name; });
}

}  // namespace curfew::config
