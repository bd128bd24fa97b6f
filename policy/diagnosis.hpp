// What is wrong with a PostgreSQL that is to be time-boxed: whether its roles are more than they should be,
// and whether anybody gets in without Curfew.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/hba.hpp"
#include "policy/ungoverned_backends.hpp"

namespace curfew::policy {

enum class Severity {
    serious,    // the time box can be left, or does not hold
    warning,    // it holds, but not against everything
    unchecked,  // could not be looked at: nothing is known
};
std::string_view to_string(Severity severity);

struct Finding {
    std::string check;  // `role_superuser`: a fixed word for programs; docs/doctor.md lists them
    Severity severity{};
    std::string problem;  // what is wrong, with what
    std::string remedy;   // what to do about it
};

// A governed role that exists.
struct RoleFacts {
    std::string name;
    bool can_log_in = true;
    bool superuser = false;
    bool create_role = false;
    bool create_database = false;
    bool replication = false;
    bool bypass_rls = false;
    std::string valid_until;             // of its password, in UTC; empty: for ever
    bool expired = false;                // valid_until is past
    std::vector<std::string> member_of;  // by whatever way
    std::vector<std::string> admin_of;   // roles that it may give to others
};

// Whether the administrative role can do what ephemeral roles (login: ephemeral) take.
struct RoleMaking {
    bool may_make = true;  // CREATEROLE, or a superuser
    std::string owner;     // who is to get what such roles own
    bool owner_exists = true;
    bool may_give_to_owner = true;             // a member of it, with its rights
    std::vector<std::string> missing;          // of those that such roles are to be members of: there is none
    std::vector<std::string> not_its_to_give;  // and whose members it cannot make
};

// What PostgreSQL tells Curfew's administrative role.
struct ServerFacts {
    std::string admin_role;
    bool admin_sees_all = true;     // pg_read_all_stats, or a superuser
    bool admin_signals_all = true;  // pg_signal_backend, or a superuser
    bool admin_is_superuser = false;
    int version = 0;  // server_version_num

    std::vector<RoleFacts> roles;
    // Settings as pg_settings has them, in the administrative session; what this version lacks is not there.
    std::map<std::string, std::string, std::less<>> settings;
    std::optional<std::vector<HbaRule>> hba;  // absent: it may not be read
    std::string hba_problem;                  // why not
    std::vector<std::string> node_addresses;  // of administrative connections; an empty one: by the socket

    // Absent: it could not be told, and why.
    std::optional<std::vector<SeenBackend>> ungoverned;
    std::string ungoverned_problem;
    // Of governed roles, by `identifier` … of their databases.
    std::vector<std::string> prepared_transactions;
    std::vector<std::string> inactive_slots;
    std::optional<RoleMaking> role_making;  // of a resource with ephemeral roles
    // Ephemeral roles of this installation's that were made for resources which are not here (any more).
    std::vector<std::string> unkept_roles;
};

// The most serious first; none: nothing is wrong.
std::vector<Finding> diagnose(const ServerFacts& facts, const GovernedRoles& governed);

// Where PostgreSQL listens, and from where Curfew comes, by these facts.
HbaPlace place_of(const ServerFacts& facts);
// Part of diagnose(): by which lines of pg_hba.conf people get in without Curfew.
std::vector<Finding> diagnose_ways_in(const ServerFacts& facts, const GovernedRoles& governed);

// `"alice", "bob" and 3 others`: roles as SQL writes them, for people.
std::string named_roles(const std::vector<std::string>& names);

}  // namespace curfew::policy
