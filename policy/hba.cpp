#include "policy/hba.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace curfew::policy {
namespace {

constexpr std::string_view keyword_all = "all";
constexpr std::string_view replication = "replication";

std::string written(const std::vector<std::string>& texts) {
    std::string text;
    for (const auto& one : texts)
        text += (text.empty() ? "" : ",") + one;
    return text;
}

std::optional<AddressRange> range_of(const HbaRule& rule) {
    return AddressRange::parse(rule.address, rule.mask);
}

// --- Whom a line is for
// ---------------------------------------------------------------------------------------

bool is_surely_for(const HbaRule& rule, const HbaRole& role) {
    return std::any_of(rule.users.begin(), rule.users.end(), [&](const std::string& user) {
        if (user.starts_with('+'))
            return user.substr(1) == role.name || contains(role.groups, user.substr(1));
        return user == keyword_all || user == role.name;
    });
}

bool may_be_for(const HbaRule& rule, const HbaRole& role) {
    const bool by_pattern = std::any_of(rule.users.begin(), rule.users.end(),
                                        [](const std::string& user) { return user.starts_with('/'); });
    return by_pattern || is_surely_for(rule, role);
}

// `all` does not mean connections for replication, and `replication` no others.
bool is_of_use(const HbaRule& rule, const HbaRole& role) {
    return role.replication || std::any_of(rule.databases.begin(), rule.databases.end(),
                                           [](const std::string& name) { return name != replication; });
}

// --- What lines before it leave to a line
// ---------------------------------------------------------------------

bool covers_type(const HbaRule& earlier, const HbaRule& later) {
    return earlier.type == later.type || (earlier.type == "host" && later.type.starts_with("host"));
}

bool covers_databases(const HbaRule& earlier, const HbaRule& later) {
    return std::all_of(later.databases.begin(), later.databases.end(), [&](const std::string& name) {
        return contains(earlier.databases, name) ||
               (name != replication && contains(earlier.databases, keyword_all));
    });
}

bool covers_address(const HbaRule& earlier, const HbaRule& later) {
    if (later.type == "local" || earlier.address == keyword_all) return true;
    const auto wide = range_of(earlier);
    const auto narrow = range_of(later);
    if (!wide || !narrow) return earlier.address == later.address && earlier.mask == later.mask;
    return wide->contains(*narrow);
}

// Whoever comes by `later` as this role was decided on by `earlier` already.
bool leaves_nothing(const HbaRule& earlier, const HbaRule& later, const HbaRole& role) {
    return earlier.error.empty() && is_surely_for(earlier, role) && covers_type(earlier, later) &&
           covers_databases(earlier, later) && covers_address(earlier, later);
}

// --- From where
// -----------------------------------------------------------------------------------------------

// False where no connection can come that this line is for.
bool is_reachable(const HbaRule& rule, const HbaPlace& place) {
    if (rule.type == "local" || place.listens == HbaPlace::Listens::everywhere) return true;
    if (place.listens == HbaPlace::Listens::nowhere) return false;
    const auto range = range_of(rule);
    return !range || range->overlaps(AddressRange::loopback_v4()) ||
           range->overlaps(AddressRange::loopback_v6());
}

Origin origin_of(const HbaRule& rule, const HbaPlace& place) {
    if (rule.type == "local" || rule.address == "samehost" || place.listens == HbaPlace::Listens::loopback)
        return Origin::machine;
    const auto range = range_of(rule);
    if (!range) return Origin::network;
    if (range->is_loopback()) return Origin::machine;
    const bool of_curfew = std::any_of(place.curfew.begin(), place.curfew.end(),
                                       [&](const AddressRange& node) { return node.contains(*range); });
    return of_curfew ? Origin::curfew : Origin::network;
}

Proof proof_of(const HbaRule& rule) {
    if (rule.method == "trust") return Proof::nothing;
    // By the socket `ident` means `peer`.
    if (rule.method == "ident") return rule.type == "local" ? Proof::account : Proof::nothing;
    return rule.method == "peer" ? Proof::account : Proof::secret;
}

}  // namespace

bool HbaPlace::curfew_is_here() const {
    return curfew_by_socket || std::any_of(curfew.begin(), curfew.end(),
                                           [](const AddressRange& node) { return node.is_loopback(); });
}

std::string to_string(const HbaRule& rule) {
    std::string text = rule.type + " " + written(rule.databases) + " " + written(rule.users);
    if (!rule.address.empty()) text += " " + rule.address;
    if (!rule.mask.empty()) text += "/" + rule.mask;
    return text + " " + rule.method;
}

std::vector<WayIn> ways_in(const std::vector<HbaRule>& rules, const std::vector<HbaRole>& roles,
                           const HbaPlace& place) {
    std::vector<WayIn> ways;
    for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
        if (!rule->error.empty() || rule->method == "reject" || !is_reachable(*rule, place)) continue;
        WayIn way{*rule, origin_of(*rule, place), proof_of(*rule), {}};
        for (const HbaRole& role : roles) {
            const bool decided = std::any_of(rules.begin(), rule, [&](const HbaRule& earlier) {
                return leaves_nothing(earlier, *rule, role);
            });
            if (!decided && may_be_for(*rule, role) && is_of_use(*rule, role)) way.roles.push_back(role.name);
        }
        if (!way.roles.empty()) ways.push_back(std::move(way));
    }
    return ways;
}

}  // namespace curfew::policy
