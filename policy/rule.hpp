// Rules: who may ask for what, who decides, and within which bounds.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "policy/allowed_times.hpp"
#include "policy/preview.hpp"
#include "policy/reason_pattern.hpp"
#include "policy/recording_mode.hpp"
#include "sql/allowed_statements.hpp"

namespace curfew::policy {

// What is asked for: a window in which to connect, or one command to be run.
enum class RequestType { jit, command };
std::string_view to_string(RequestType type);
std::optional<RequestType> parse_request_type(std::string_view text);

// Groups are named; a member of any of those listed is meant.
using GroupNames = std::set<std::string, std::less<>>;

// What a rule says. Whoever makes one sees to it that it makes sense: the name and at least one resource or
// attribute, durations above zero, somebody who can approve.
struct Rule {
    std::string name;
    std::string description;
    std::set<RequestType> types = {RequestType::jit};

    // What it covers: the resources of these names, and those that have all of these attributes. Attributes
    // that are empty cover nothing.
    std::set<std::string, std::less<>> resources;
    std::map<std::string, std::string, std::less<>> attributes;

    GroupNames required_groups;        // who may ask; empty: everybody who is known
    GroupNames approval_groups;        // who may approve, and reject
    bool require_all_groups = false;   // one approval of each approval group at least
    unsigned min_approvals = 1;        // of different people
    GroupNames force_approval_groups;  // one of theirs decides alone
    GroupNames skip_review_groups;     // theirs need no review
    GroupNames break_glass_groups;     // theirs may get in at once, and answer for it afterwards

    Duration max_duration = std::chrono::hours{8};
    Duration default_duration = std::chrono::hours{1};
    Duration break_glass_duration = std::chrono::minutes{30};  // never longer by break-glass
    bool reason_required = false;
    std::optional<ReasonPattern> reason_pattern;  // a reason must match it; implies reason_required
    std::optional<AllowedTimes> allowed_times;    // absent: always
    // Of sessions whose grants were approved under it, at least.
    RecordingMode recording = RecordingMode::off;

    // Of type command: what may run without asking. Of several rules that apply each must allow it.
    sql::AllowedStatements allowed_statements;
    // Of type command: what those who decide see of it beforehand, at least.
    PreviewMode preview = PreviewMode::off;

    bool operator==(const Rule&) const = default;

    bool covers(std::string_view resource, const std::map<std::string, std::string>& resource_attributes,
                RequestType type) const;
};

}  // namespace curfew::policy
