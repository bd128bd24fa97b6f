#include "identity/principal.hpp"

#include "policy/directory.hpp"

namespace curfew::identity {

std::string_view to_string(Via via) {
    switch (via) {
        case Via::socket:
            return "socket";
        case Via::sign_in:
            return "sign_in";
        case Via::token:
            return "token";
    }
    return "unknown";
}

std::optional<Principal> principal_of(std::string_view user, const GroupNames& claimed_groups,
                                      const People& people) {
    const auto canonical = people.by_name(user);
    if (!canonical) return std::nullopt;
    Principal principal;
    principal.user = *canonical;
    principal.recorded_as = *canonical;
    principal.groups = people.directory().groups_of(*canonical);
    principal.claimed_groups = people.counting(claimed_groups);
    principal.groups.insert(principal.claimed_groups.begin(), principal.claimed_groups.end());
    principal.is_administrator = principal.groups.contains(policy::administrators);
    return principal;
}

Principal principal_of_socket(std::string_view system_user, const People& people) {
    Principal principal = principal_of(system_user, {}, people).value_or(Principal{});
    principal.recorded_as = system_user;
    principal.is_administrator = true;
    principal.scopes = Scopes::all();
    principal.via = Via::socket;
    return principal;
}

}  // namespace curfew::identity
