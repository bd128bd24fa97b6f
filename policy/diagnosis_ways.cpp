// Which ways into PostgreSQL lead around Curfew.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "policy/diagnosis.hpp"

namespace curfew::policy {
namespace {

constexpr const char* only_curfew =
    "Let its address be Curfew's alone, and end the file by `host all all all reject`";
constexpr const char* close_the_socket =
    "Set unix_socket_group to the group that curfewd runs in and unix_socket_permissions = 0770";

// For others on the machine: the last digit of unix_socket_permissions.
bool socket_is_closed(const ServerFacts& facts) {
    const auto found = facts.settings.find("unix_socket_permissions");
    return found != facts.settings.end() && !found->second.empty() && found->second.back() == '0';
}

std::string place_in_file(const HbaRule& rule) {
    return "Line " + std::to_string(rule.line) + " of pg_hba.conf (`" + printable(to_string(rule)) + "`)";
}

// What it takes to come by this way, in the middle of a sentence.
std::string with_what(const WayIn& way, bool shared) {
    switch (way.proof) {
        case Proof::nothing:
            return "without having to prove anything";
        case Proof::account:
            return "whoever has the account of that name there";
        case Proof::secret:
            return shared ? "whoever learns the password or has a certificate"
                          : "with the password or certificate that they have";
    }
    return {};
}

Finding from_the_network(const WayIn& way, bool shared) {
    const bool serious = way.proof == Proof::nothing || !shared;
    return {"way_around", serious ? Severity::serious : Severity::warning,
            place_in_file(way.rule) + " lets " + named_roles(way.roles) + " in from elsewhere than Curfew, " +
                with_what(way, shared),
            only_curfew};
}

// Curfew is elsewhere, so nobody has to come from the server's own machine.
Finding from_the_server(const WayIn& way, bool shared) {
    return {"way_around", way.proof == Proof::nothing ? Severity::serious : Severity::warning,
            place_in_file(way.rule) + " lets " + named_roles(way.roles) +
                " in from the server's own machine, " + with_what(way, shared),
            "Say reject there for all roles but those of the machine's own services, and let nobody else "
            "log in to that machine"};
}

// Curfew comes from this machine as well; who else can?
std::optional<Finding> from_beside_curfew(const WayIn& way, const ServerFacts& facts, bool shared) {
    const bool by_socket = way.rule.type == "local";
    if (by_socket && socket_is_closed(facts)) return std::nullopt;
    const auto severity = way.proof == Proof::nothing ? Severity::serious : Severity::warning;
    const std::string how = by_socket ? "by the Unix socket, which is open to everybody on the machine, "
                                      : "by its own network address, as Curfew may, ";
    return Finding{"way_around", severity,
                   place_in_file(way.rule) + " lets " + named_roles(way.roles) +
                       " in from the machine that Curfew runs on, " + how + with_what(way, shared),
                   by_socket
                       ? close_the_socket
                       : std::string{"Have curfewd use the Unix socket, and set listen_addresses = ''; "} +
                             close_the_socket};
}

// PostgreSQL asks nobody to prove anything who comes by Curfew's own way.
std::optional<Finding> believed_through_curfew(const WayIn& way, bool shared) {
    if (way.proof != Proof::nothing) return std::nullopt;
    if (shared) {
        if (way.origin != Origin::curfew) return std::nullopt;
        return Finding{"trust", Severity::warning,
                       place_in_file(way.rule) +
                           " believes whoever comes from Curfew's machine, by whatever "
                           "program, and lets them in as " +
                           named_roles(way.roles),
                       "Put scram-sha-256 in the place of " + printable(way.rule.method) +
                           ", and the password into the resource's role"};
    }
    return Finding{"trust", Severity::serious,
                   place_in_file(way.rule) + " believes whoever comes: through Curfew anybody gets in as " +
                       named_roles(way.roles),
                   "Put scram-sha-256 in the place of " + printable(way.rule.method)};
}

std::vector<HbaRole> hba_roles(const ServerFacts& facts) {
    std::vector<HbaRole> roles;
    for (const RoleFacts& role : facts.roles) {
        if (role.can_log_in) roles.push_back({role.name, role.member_of, role.replication || role.superuser});
    }
    return roles;
}

void check_way(const WayIn& way, const ServerFacts& facts, const HbaPlace& place, bool shared,
               std::vector<Finding>& findings) {
    const bool curfew_comes_so =
        way.origin == Origin::curfew || (way.origin == Origin::machine && place.curfew_is_here());
    if (curfew_comes_so) {
        if (auto finding = believed_through_curfew(way, shared)) {
            findings.push_back(std::move(*finding));
            return;
        }
    }
    if (way.origin == Origin::network) findings.push_back(from_the_network(way, shared));
    if (way.origin == Origin::machine && !place.curfew_is_here())
        findings.push_back(from_the_server(way, shared));
    if (way.origin == Origin::machine && place.curfew_is_here()) {
        if (auto finding = from_beside_curfew(way, facts, shared)) findings.push_back(std::move(*finding));
    }
}

HbaPlace::Listens listens(const ServerFacts& facts) {
    const auto found = facts.settings.find("listen_addresses");
    if (found == facts.settings.end()) return HbaPlace::Listens::everywhere;
    auto listens = HbaPlace::Listens::nowhere;
    std::string rest = found->second + ",";
    for (auto comma = rest.find(','); comma != std::string::npos; comma = rest.find(',')) {
        std::string one = rest.substr(0, comma);
        rest.erase(0, comma + 1);
        std::erase(one, ' ');
        if (one.empty()) continue;
        const auto address = AddressRange::parse(one);
        if (one != "localhost" && !(address && address->is_loopback())) return HbaPlace::Listens::everywhere;
        listens = HbaPlace::Listens::loopback;
    }
    return listens;
}

}  // namespace

HbaPlace place_of(const ServerFacts& facts) {
    HbaPlace place;
    place.listens = listens(facts);
    for (const std::string& text : facts.node_addresses) {
        if (const auto address = AddressRange::parse(text)) {
            place.curfew.push_back(*address);
        } else {
            place.curfew_by_socket = true;
        }
    }
    return place;
}

std::vector<Finding> diagnose_ways_in(const ServerFacts& facts, const GovernedRoles& governed) {
    std::vector<Finding> findings;
    if (!facts.hba) {
        findings.push_back({"hba_unreadable", Severity::unchecked,
                            "pg_hba.conf could not be read, so whether anybody gets in without Curfew is not "
                            "known: " +
                                facts.hba_problem,
                            "As a superuser, in the database of admin_login: GRANT SELECT ON "
                            "pg_hba_file_rules TO \"" +
                                printable(facts.admin_role) +
                                "\"; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO \"" +
                                printable(facts.admin_role) + "\";"});
        return findings;
    }
    for (const HbaRule& rule : *facts.hba) {
        if (rule.error.empty()) continue;
        findings.push_back({"hba_error", Severity::warning,
                            "Line " + std::to_string(rule.line) +
                                " of pg_hba.conf is wrong, so PostgreSQL goes on with what it read before: " +
                                printable(rule.error),
                            "Correct it, and SELECT pg_reload_conf();"});
    }
    const HbaPlace place = place_of(facts);
    for (const WayIn& way : ways_in(*facts.hba, hba_roles(facts), place))
        check_way(way, facts, place, governed.shared, findings);
    return findings;
}

}  // namespace curfew::policy
