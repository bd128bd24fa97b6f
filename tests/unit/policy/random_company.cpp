#include "random_company.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/time_text.hpp"
#include "scenario.hpp"

namespace curfew::policy {
namespace {

using namespace std::chrono_literals;

std::string group_name(std::size_t group) {
    return group == RandomCompany::administrators_group ? std::string{administrators}
                                                        : fmt::format("group{}", group);
}

}  // namespace

RandomCompany::RandomCompany(unsigned seed) : random_{seed}, now_{parse_utc("2026-11-25T03:00:00Z").value()} {
    for (std::size_t group = 0; group < groups; ++group) {
        for (auto& member : members_.at(group))
            member = chance(group == administrators_group ? 10 : 40);
    }
    for (auto& one : present_)
        one = chance(95);
    const std::size_t count = 1 + below(3);
    for (std::size_t rule = 0; rule < count; ++rule)
        rules_.push_back(random_rule(fmt::format("rule{}", rule)));
    rebuild_directory();
}

bool RandomCompany::chance(int percent) {
    return static_cast<int>(below(100)) < percent;
}

std::size_t RandomCompany::below(std::size_t count) {
    return random_() % count;
}

GroupNames RandomCompany::some_groups(int percent) {
    GroupNames result;
    for (std::size_t group = 0; group < groups; ++group) {
        if (chance(percent)) result.insert(group_name(group));
    }
    return result;
}

Rule RandomCompany::random_rule(std::string name) {
    Rule rule;
    rule.name = std::move(name);
    if (chance(50)) {
        rule.resources = {chance(90) ? "prod" : "other"};
    } else {
        rule.attributes = {{"env", "prod"}};
    }
    if (chance(10)) rule.types = {RequestType::command};
    if (chance(20)) rule.types = {RequestType::jit, RequestType::command};
    rule.required_groups = some_groups(20);
    rule.approval_groups = some_groups(50);
    rule.require_all_groups = chance(20);
    rule.min_approvals = static_cast<unsigned>(1 + below(3));
    rule.force_approval_groups = some_groups(8);
    rule.skip_review_groups = some_groups(10);
    rule.break_glass_groups = some_groups(20);
    rule.max_duration = std::chrono::hours{1 + below(8)};
    rule.reason_required = chance(20);
    // In a zone of one offset, +05:30, so that what is inside can be told by arithmetic.
    if (chance(25)) rule.allowed_times = AllowedTimes::parse("Asia/Kolkata", {"Mon-Fri 08:00-18:00"}).value();
    return rule;
}

std::string RandomCompany::random_name() {
    const std::size_t person = below(people);
    std::string name = chance(25) ? fmt::format("alias{}", person) : fmt::format("person{}", person);
    for (char& c : name) {
        if (chance(10)) c = static_cast<char>(std::toupper(c));
    }
    return name;
}

std::size_t RandomCompany::person_of(std::string_view name) {
    return static_cast<std::size_t>(name.back() - '0');
}

Duration RandomCompany::random_duration() {
    return std::chrono::minutes{below(600)} + std::chrono::seconds{below(3)};
}

bool RandomCompany::is_member(std::string_view group, std::size_t person) const {
    for (std::size_t one = 0; one < groups; ++one) {
        if (group_name(one) == group) return present_.at(person) && members_.at(one).at(person);
    }
    return false;
}

bool RandomCompany::is_member_of_any(const GroupNames& names, std::size_t person) const {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& group) { return is_member(group, person); });
}

void RandomCompany::rebuild_directory() {
    directory_ = Directory{};
    for (std::size_t person = 0; person < people; ++person) {
        if (!present_.at(person)) continue;
        const std::string name = fmt::format("person{}", person);
        directory_.add_alias(fmt::format("alias{}", person), name).value();
        for (std::size_t group = 0; group < groups; ++group) {
            if (members_.at(group).at(person)) directory_.add_member(group_name(group), name).value();
        }
    }
}

const Grant* RandomCompany::grant_of(const Request& request) const {
    const auto grant = std::find_if(grants_.begin(), grants_.end(),
                                    [&](const Grant& one) { return request.grant == one.id; });
    return grant == grants_.end() ? nullptr : &*grant;
}

Circumstances RandomCompany::circumstances(const Request* request) const {
    return {rules_, directory_, target_, now_, request != nullptr ? grant_of(*request) : nullptr};
}

std::optional<RandomCompany::Step> RandomCompany::step() {
    now_ += std::chrono::minutes{below(12)};
    if (chance(3)) now_ += std::chrono::hours{below(30)};
    // As the store marks them.
    for (Grant& grant : grants_)
        grant.ended = grant.ended || (!grant.revoked && grant.window.ends_at <= now_);
    if (chance(12)) change_company();
    if (requests_.empty() || chance(15)) return ask();
    return happen_to_one();
}

void RandomCompany::change_company() {
    const std::size_t person = below(people);
    Rule& rule = rules_[below(rules_.size())];
    switch (below(10)) {
        case 8:
            revoke_some_grant();
            break;
        case 9:
            target_.known = !target_.known || chance(80);
            break;
        case 0:
            present_.at(person) = !present_.at(person);
            break;
        case 1:
            rule.min_approvals = static_cast<unsigned>(1 + below(3));
            break;
        case 2:
            rule = random_rule(rule.name);
            break;
        default: {
            bool& member = members_.at(below(groups)).at(person);
            member = !member;
        }
    }
    rebuild_directory();
}

// By hand, and not by way of a request.
void RandomCompany::revoke_some_grant() {
    if (grants_.empty()) return;
    Grant& grant = grants_.back();
    if (!grant.revoked && !grant.ended) grant.revoked = Grant::Revocation{now_, "by hand", {}};
}

std::optional<RandomCompany::Step> RandomCompany::ask() {
    Wish wish;
    if (chance(20)) {
        wish.type = RequestType::command;
        wish.command = chance(50) ? a_script() : a_statement();
    }
    wish.user = random_name();
    if (chance(70)) wish.duration = random_duration();
    if (chance(70)) wish.reason = "because";
    if (!wish.command && chance(10)) wish.starts_at = now_ + std::chrono::minutes{below(600)};
    wish.break_glass = chance(20);
    const Grant* grant = nullptr;
    if (!grants_.empty() && chance(40)) {
        grant = &grants_[below(grants_.size())];
        wish.kind = RequestKind::extension;
        wish.extends = grant->id;
        if (chance(80)) wish.user = grant->subject.name;
    }
    auto made = submit(wish, 1h, {rules_, directory_, target_, now_, grant});
    if (!made) return std::nullopt;
    made->id = RequestId::generate();
    return keep(std::nullopt, std::move(*made));
}

Event RandomCompany::random_event() {
    switch (below(15)) {
        case 0:
            return event::Cancelled{random_name(), {}};
        case 1:
            return event::Revoked{random_name(), {}};
        case 2:
            return event::ReviewTimedOut{};
        case 3:
            return event::WindowPassed{};
        case 4:
        case 5:
            return event::Reconsidered{};
        case 6:
        case 7:
            return event::CommandRun{};
        default: {
            event::Reviewed review;
            review.reviewer = random_name();
            if (chance(70)) review.group = group_name(below(groups));
            if (chance(5)) review.verdict = Verdict::reject;
            if (chance(20)) review.duration = random_duration();
            return review;
        }
    }
}

std::optional<RandomCompany::Step> RandomCompany::happen_to_one() {
    // The latest are the liveliest.
    const std::size_t place = requests_.size() - 1 - below(std::min<std::size_t>(requests_.size(), 3));
    const Event event = random_event();
    auto next = apply(requests_[place], event, circumstances(&requests_[place]));
    if (!next) return std::nullopt;
    Step result = keep(place, std::move(*next));
    result.event = event;
    return result;
}

// As the store keeps it.
RandomCompany::Step RandomCompany::keep(std::optional<std::size_t> place, Request after) {
    std::optional<Request> before;
    if (place) before = requests_[*place];
    update_grant(before, after);
    if (place) {
        requests_[*place] = after;
    } else {
        requests_.push_back(after);
    }
    return {std::move(before), std::move(after), std::nullopt};
}

void RandomCompany::update_grant(const std::optional<Request>& before, Request& after) {
    const RequestStatus was = before ? before->status : RequestStatus::pending;
    if (after.status == was) return;
    const auto grant =
        std::find_if(grants_.begin(), grants_.end(), [&](const Grant& one) { return after.grant == one.id; });
    if (after.status == RequestStatus::revoked) {
        if (grant != grants_.end() && !grant->revoked)
            grant->revoked = Grant::Revocation{now_, after.decided_by, {}};
    } else if (after.status == RequestStatus::approved && after.kind == RequestKind::extension) {
        grant->window.ends_at = window_of(after).value().ends_at;
    } else if (after.status == RequestStatus::approved && after.type == RequestType::jit) {
        give_grant(after, window_of(after).value(), GrantUse::sessions);
    } else if (after.decision == Decision::command_run && after.command == a_script()) {
        give_grant(after, {now_, window_of(after).value().ends_at}, GrantUse::script);
    }
}

void RandomCompany::give_grant(Request& request, Window window, GrantUse use) {
    request.grant = GrantId::generate();
    Grant fresh;
    fresh.id = *request.grant;
    fresh.subject = {Subject::Kind::user, request.requester};
    fresh.resource = request.resource;
    fresh.window = window;
    fresh.use = use;
    grants_.push_back(std::move(fresh));
}

}  // namespace curfew::policy
