// A company whose people, groups and rules are drawn at random and change at random, and in which requests
// are asked for, reviewed and ended at random. What is true of it is known from plain tables, not from what
// is tested.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "policy/lifecycle.hpp"

namespace curfew::policy {

class RandomCompany {
public:
    static constexpr std::size_t people = 8;
    static constexpr std::size_t groups = 6;
    // The last group is the administrators'.
    static constexpr std::size_t administrators_group = groups - 1;

    explicit RandomCompany(unsigned seed);

    // A request, before and after something happened; the same where nothing did. `before` and `event` are
    // absent of a new one.
    struct Step {
        std::optional<Request> before;
        Request after;
        std::optional<Event> event;

        bool was_reconsidered() const { return event && std::holds_alternative<event::Reconsidered>(*event); }
    };
    // Lets something happen; nullopt where it was refused, or happened to no request.
    std::optional<Step> step();

    // The tables.
    const Rules& rules() const { return rules_; }
    const Target& target() const { return target_; }
    WallInstant now() const { return now_; }
    const std::vector<Request>& requests() const { return requests_; }
    const std::vector<Grant>& grants() const { return grants_; }
    // The grant that the request gave, or is to extend; nullptr: none.
    const Grant* grant_of(const Request& request) const;
    bool is_present(std::size_t person) const { return present_.at(person); }
    // In the group named, and present.
    bool is_member(std::string_view group, std::size_t person) const;
    bool is_member_of_any(const GroupNames& groups, std::size_t person) const;
    // Whose name, alias or spelling this is.
    static std::size_t person_of(std::string_view name);

private:
    bool chance(int percent);
    std::size_t below(std::size_t count);
    GroupNames some_groups(int percent);
    Rule random_rule(std::string name);
    std::string random_name();
    Duration random_duration();
    Circumstances circumstances(const Request* request) const;
    void rebuild_directory();

    void change_company();
    void revoke_some_grant();
    std::optional<Step> ask();
    std::optional<Step> happen_to_one();
    Event random_event();
    Step keep(std::optional<std::size_t> place, Request after);
    void update_grant(const std::optional<Request>& before, Request& after);
    void give_grant(Request& request, Window window, GrantUse use);

    std::mt19937 random_;
    std::array<std::array<bool, people>, groups> members_{};
    std::array<bool, people> present_{};
    Directory directory_;
    Rules rules_;
    Target target_{"prod", {{"env", "prod"}}};
    WallInstant now_;
    std::vector<Request> requests_;
    std::vector<Grant> grants_;
};

}  // namespace curfew::policy
