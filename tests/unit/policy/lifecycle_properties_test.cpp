// What is true of every request, whatever happens in whatever order.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/time_text.hpp"
#include "random_company.hpp"

namespace curfew::policy {
namespace {

using namespace std::chrono_literals;

constexpr unsigned companies = 2'000;
constexpr int steps = 50;

bool is_final(RequestStatus status) {
    return status != RequestStatus::pending && status != RequestStatus::approved;
}

bool becomes_approved(const RandomCompany::Step& step) {
    return step.after.status == RequestStatus::approved &&
           (!step.before || step.before->status == RequestStatus::pending);
}

// The rules that apply to the request's requester, from the tables.
std::vector<const Rule*> rules_of(const Request& request, const RandomCompany& company) {
    const std::size_t person = RandomCompany::person_of(request.requester);
    std::vector<const Rule*> result;
    if (!company.target().known) return result;
    for (const Rule& rule : company.rules()) {
        const bool covers = rule.types.contains(request.type) &&
                            (rule.resources.contains("prod") || !rule.attributes.empty());
        const bool asks =
            rule.required_groups.empty() || company.is_member_of_any(rule.required_groups, person);
        if (covers && asks && company.is_present(person)) result.push_back(&rule);
    }
    return result;
}

// The group that each person approves for, as far as that counts now.
std::map<std::size_t, Review> approvals_of(const Request& request, const RandomCompany& company) {
    std::map<std::size_t, Review> result;
    for (const Review& review : request.reviews)
        result[RandomCompany::person_of(review.reviewer)] = review;
    std::erase_if(result, [&](const auto& one) {
        return one.second.verdict != Verdict::approve || !company.is_member(one.second.group, one.first) ||
               one.first == RandomCompany::person_of(request.requester);
    });
    return result;
}

bool satisfied(const Rule& rule, const std::map<std::size_t, Review>& approvals) {
    std::set<std::string> groups;
    unsigned count = 0;
    for (const auto& [person, review] : approvals) {
        if (rule.force_approval_groups.contains(review.group)) return true;
        if (!rule.approval_groups.contains(review.group)) continue;
        groups.insert(review.group);
        ++count;
    }
    return count >= rule.min_approvals &&
           (!rule.require_all_groups || groups.size() == rule.approval_groups.size());
}

// Mon-Fri 08:00-18:00 at +05:30, the only window that there is.
bool inside_working_hours(const Window& window) {
    const auto from = window.starts_at + 5h + 30min;
    const auto to = window.ends_at + 5h + 30min;
    const auto day = std::chrono::floor<std::chrono::days>(from);
    const std::chrono::weekday weekday{day};
    return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday && from - day >= 8h &&
           to - day <= 18h;
}

// Calls check(step, company) for everything that happens in every company.
template <class Check>
void for_every_step(Check check) {
    for (unsigned seed = 0; seed < companies && !testing::Test::HasFailure(); ++seed) {
        RandomCompany company{seed};
        for (int count = 0; count < steps && !testing::Test::HasFailure(); ++count) {
            const auto step = company.step();
            if (!step) continue;
            const testing::ScopedTrace trace{__FILE__, __LINE__,
                                             fmt::format("company {}, step {}", seed, count)};
            check(*step, company);
        }
    }
}

template <class Check>
void for_every_approval(Check check) {
    for_every_step([&](const RandomCompany::Step& step, const RandomCompany& company) {
        if (becomes_approved(step))
            check(step.after, company, RandomCompany::person_of(step.after.requester));
    });
}

// Else nothing below would say much.
TEST(Always, EveryDecisionIsReached) {
    std::map<Decision, int> reached;
    int extensions = 0;
    int reviewed_afterwards = 0;
    int commands = 0;
    int followed_their_grant = 0;
    for_every_step([&](const RandomCompany::Step& step, const RandomCompany&) {
        if (!step.before || step.before->status != step.after.status) ++reached[step.after.decision];
        if (becomes_approved(step) && step.after.kind == RequestKind::extension) ++extensions;
        if (becomes_approved(step) && step.after.type == RequestType::command) ++commands;
        if (step.before && step.before->review_due && !step.after.review_due) ++reviewed_afterwards;
        if (step.was_reconsidered() && step.after.decision == Decision::revoked) ++followed_their_grant;
    });
    EXPECT_EQ(reached.size(), 13U);
    for (const auto& [decision, count] : reached)
        EXPECT_GE(count, 50) << to_string(decision);
    EXPECT_GE(extensions, 100);
    EXPECT_GE(reviewed_afterwards, 100);
    EXPECT_GE(commands, 100);
    EXPECT_GE(followed_their_grant, 100);
}

TEST(Always, StatusesFollowOneAnotherAsDrawn) {
    using enum RequestStatus;
    const std::set<std::pair<RequestStatus, RequestStatus>> drawn{
        {pending, approved}, {pending, rejected}, {approved, revoked}, {approved, executed}};
    for_every_step([&](const RandomCompany::Step& step, const RandomCompany&) {
        if (!step.before || step.before->status == step.after.status) return;
        EXPECT_TRUE(drawn.contains({step.before->status, step.after.status}))
            << to_string(step.before->status) << " to " << to_string(step.after.status);
    });
}

TEST(Always, WhatIsOverStaysAsItEnded) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany&) {
        if (!step.before || !is_final(step.before->status)) return;
        Request as_before = step.after;
        // A review afterwards is all that may still come.
        as_before.reviews = step.before->reviews;
        as_before.review_due = step.before->review_due;
        EXPECT_EQ(as_before, *step.before);
        EXPECT_TRUE(step.before->review_due || step.after == *step.before);
    });
}

TEST(Always, AnApprovalHasTheReviewsThatEveryRuleAsksFor) {
    for_every_approval([](const Request& request, const RandomCompany& company, std::size_t) {
        if (request.approval != Decision::reviewed && request.approval != Decision::force_approved) return;
        const auto rules = rules_of(request, company);
        EXPECT_FALSE(rules.empty());
        for (const Rule* rule : rules)
            EXPECT_TRUE(satisfied(*rule, approvals_of(request, company))) << rule->name;
    });
}

TEST(Always, AnApprovalWithoutReviewIsForThoseWhoNeedNone) {
    for_every_approval([](const Request& request, const RandomCompany& company, std::size_t requester) {
        const auto rules = rules_of(request, company);
        const auto all_rules_let = [&](GroupNames Rule::*groups) {
            return !rules.empty() && std::all_of(rules.begin(), rules.end(), [&](const Rule* rule) {
                return company.is_member_of_any(rule->*groups, requester);
            });
        };
        if (request.approval == Decision::administrator) {
            EXPECT_TRUE(company.is_member(administrators, requester));
        } else if (request.approval == Decision::review_skipped) {
            EXPECT_TRUE(all_rules_let(&Rule::skip_review_groups));
        } else if (request.approval == Decision::break_glass) {
            EXPECT_TRUE(all_rules_let(&Rule::break_glass_groups));
            EXPECT_FALSE(request.reason.empty());
        }
        EXPECT_EQ(request.review_due, request.approval == Decision::break_glass);
    });
}

TEST(Always, NothingButAReviewApprovesWhatWaits) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany&) {
        if (!becomes_approved(step) || !step.before) return;
        const auto* review = std::get_if<event::Reviewed>(&*step.event);
        ASSERT_NE(review, nullptr);
        EXPECT_EQ(review->verdict, Verdict::approve);
        EXPECT_EQ(step.after.reviews.size(), step.before->reviews.size() + 1);
    });
}

// What the store has is what the approvals gave, each of them once.
TEST(Always, EveryGrantIsAsLongAsWhatWasApproved) {
    for_every_step([](const RandomCompany::Step&, const RandomCompany& company) {
        for (const Grant& grant : company.grants()) {
            if (grant.use == GrantUse::script) continue;
            int given = 0;
            Duration length{};
            for (const Request& request : company.requests()) {
                if (request.grant != grant.id || request.approval == Decision::none) continue;
                length += request.granted.value();
                if (request.kind == RequestKind::access) ++given;
                EXPECT_EQ(RandomCompany::person_of(request.requester),
                          RandomCompany::person_of(grant.subject.name));
                EXPECT_EQ(request.type, RequestType::jit);
            }
            EXPECT_EQ(given, 1);
            EXPECT_EQ(grant.window.ends_at - grant.window.starts_at, length);
        }
    });
}

TEST(Always, AScriptsGrantIsWithinTheTimeThatWasApproved) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        const Grant* grant = company.grant_of(step.after);
        const bool is_run = step.event && std::holds_alternative<event::CommandRun>(*step.event);
        if (!is_run || grant == nullptr) return;
        const Window approved = window_of(step.after).value();
        EXPECT_EQ(grant->use, GrantUse::script);
        EXPECT_GE(grant->window.starts_at, approved.starts_at);
        EXPECT_LE(grant->window.ends_at, approved.ends_at);
        EXPECT_LT(grant->window.starts_at, grant->window.ends_at);
    });
}

TEST(Always, ACommandIsRunOnceInItsTimeAndStaysTheSame) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        if (!step.before) return;
        EXPECT_EQ(step.after.command, step.before->command);
        if (!std::holds_alternative<event::CommandRun>(*step.event)) return;
        EXPECT_EQ(step.before->status, RequestStatus::approved);
        EXPECT_EQ(step.after.decision, Decision::command_run);
        EXPECT_LT(company.now(), window_of(step.after).value().ends_at);
        const std::size_t requester = RandomCompany::person_of(step.after.requester);
        EXPECT_TRUE(company.is_present(requester));
        EXPECT_TRUE(company.is_member(administrators, requester) || !rules_of(step.after, company).empty());
    });
}

TEST(Always, NobodyHoldsMoreThanTheLongestDurationAhead) {
    for_every_approval([](const Request& request, const RandomCompany& company, std::size_t) {
        if (request.kind != RequestKind::extension) return;
        const Window& window = company.grant_of(request)->window;
        const Duration ahead = window.ends_at - std::max(company.now(), window.starts_at);
        for (const Rule* rule : rules_of(request, company))
            EXPECT_LE(ahead, rule->max_duration) << rule->name;
        EXPECT_LE(ahead, 8h) << "also where no rule is";
    });
}

TEST(Always, ARevocationIsByThoseWhoMay) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        const auto* revoked = step.event ? std::get_if<event::Revoked>(&*step.event) : nullptr;
        if (revoked == nullptr) return;
        const std::size_t person = RandomCompany::person_of(revoked->by);
        GroupNames may{std::string{administrators}};
        const auto add_groups_of = [&may](const Rule& rule) {
            may.insert(rule.approval_groups.begin(), rule.approval_groups.end());
            may.insert(rule.force_approval_groups.begin(), rule.force_approval_groups.end());
        };
        for (const Rule* rule : rules_of(step.after, company))
            add_groups_of(*rule);
        for (const Rule& rule : company.rules()) {
            const auto& names = step.after.rules;
            if (std::find(names.begin(), names.end(), rule.name) != names.end()) add_groups_of(rule);
        }
        EXPECT_TRUE(person == RandomCompany::person_of(step.after.requester) ||
                    company.is_member_of_any(may, person));
    });
}

TEST(Always, ACancellationIsByTheRequester) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany&) {
        const auto* cancelled = step.event ? std::get_if<event::Cancelled>(&*step.event) : nullptr;
        if (cancelled == nullptr) return;
        EXPECT_EQ(RandomCompany::person_of(cancelled->by), RandomCompany::person_of(step.after.requester));
        EXPECT_EQ(step.before->status, RequestStatus::pending);
    });
}

TEST(Always, WhatIsApprovedOnceReconsideredHasAGrantThatWasNotRevoked) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        if (!step.was_reconsidered() || step.after.status != RequestStatus::approved) return;
        const Grant* grant = company.grant_of(step.after);
        EXPECT_EQ(grant == nullptr, step.after.type == RequestType::command);
        if (grant != nullptr) {
            EXPECT_FALSE(grant->revoked);
        }
    });
}

TEST(Always, NothingIsExecutedBeforeItsEndOrAfterItsGrantWasRevoked) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        if (!step.before || step.before->status == step.after.status ||
            step.after.status != RequestStatus::executed || step.after.decision == Decision::command_run)
            return;
        EXPECT_EQ(step.after.type, RequestType::jit) << "what was not run was not executed";
        const Grant* grant = company.grant_of(step.after);
        const WallInstant end = grant != nullptr && step.after.kind == RequestKind::access
                                    ? grant->window.ends_at
                                    : window_of(step.after).value().ends_at;
        EXPECT_GE(company.now(), end);
        if (grant != nullptr) {
            EXPECT_FALSE(grant->revoked);
        }
    });
}

TEST(Always, ReviewsAreByOthersWhoAreInTheirGroup) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        const std::size_t so_far = step.before ? step.before->reviews.size() : 0;
        const auto& reviews = step.after.reviews;
        if (reviews.size() == so_far) return;
        EXPECT_EQ(reviews.size(), so_far + 1);
        if (step.before) {
            EXPECT_TRUE(std::equal(reviews.begin(), reviews.end() - 1, step.before->reviews.begin()));
        }
        const std::size_t reviewer = RandomCompany::person_of(reviews.back().reviewer);
        EXPECT_NE(reviewer, RandomCompany::person_of(step.after.requester)) << "under whichever name";
        EXPECT_TRUE(company.is_member(reviews.back().group, reviewer));
    });
}

TEST(Always, NobodyIsGivenMoreThanTheyAskedForOrMayHave) {
    for_every_approval([](const Request& request, const RandomCompany& company, std::size_t) {
        const Duration granted = request.granted.value();
        EXPECT_GE(granted, shortest_duration);
        EXPECT_LE(granted, request.duration);
        for (const Rule* rule : rules_of(request, company)) {
            EXPECT_LE(granted, rule->max_duration) << rule->name;
            if (request.approval == Decision::break_glass) {
                EXPECT_LE(granted, rule->break_glass_duration) << rule->name;
            }
        }
        for (const auto& [person, review] : approvals_of(request, company))
            EXPECT_LE(granted, review.duration.value_or(granted)) << review.reviewer;
        EXPECT_GE(window_of(request).value().starts_at, company.now());
        EXPECT_GE(window_of(request).value().starts_at, request.starts_at.value_or(company.now()));
    });
}

TEST(Always, AccessKeepsToTheAllowedTimesUnlessTheGlassIsBroken) {
    for_every_approval([](const Request& request, const RandomCompany& company, std::size_t) {
        if (request.approval == Decision::break_glass) return;
        const Window window = window_of(request).value();
        for (const Rule* rule : rules_of(request, company)) {
            if (rule->allowed_times) {
                EXPECT_TRUE(inside_working_hours(window))
                    << format_utc(window.starts_at) << " to " << format_utc(window.ends_at);
            }
        }
    });
}

TEST(Always, WhatStandsOnceReconsideredHasItsRight) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        const Request& request = step.after;
        const std::size_t requester = RandomCompany::person_of(request.requester);
        // The time-out is for another event.
        const bool waits = request.status == RequestStatus::pending && company.now() < request.review_ends_at;
        if (!step.was_reconsidered() || !waits) return;
        EXPECT_TRUE(company.is_present(requester));
        EXPECT_TRUE(company.is_member(administrators, requester) || !rules_of(request, company).empty());
    });
}

TEST(Always, AccessThatStandsOnceReconsideredHasARuleOfItsApproval) {
    for_every_step([](const RandomCompany::Step& step, const RandomCompany& company) {
        const Request& request = step.after;
        const bool is_open = request.status == RequestStatus::approved &&
                             request.kind == RequestKind::access &&
                             company.now() < window_of(request).value().ends_at;
        if (!step.was_reconsidered() || !is_open) return;
        const std::size_t requester = RandomCompany::person_of(request.requester);
        EXPECT_TRUE(company.is_present(requester));
        if (request.approval == Decision::administrator) {
            EXPECT_TRUE(company.is_member(administrators, requester));
            return;
        }
        const auto rules = rules_of(request, company);
        EXPECT_TRUE(std::any_of(rules.begin(), rules.end(), [&](const Rule* rule) {
            return std::find(request.rules.begin(), request.rules.end(), rule->name) != request.rules.end();
        }));
    });
}

}  // namespace
}  // namespace curfew::policy
