#include "proxy/governed_roles.hpp"

#include <set>
#include <string>

namespace curfew::proxy {
namespace {

// `curfew_<user>_<grant>`: narrow enough to leave roles alone that are called after Curfew for other reasons.
constexpr const char* ephemeral_roles = "^curfew_.+_g-[0-9a-hjkmnp-tv-z]{8}$";

std::set<std::string> roles_of_people(const config::Config& config, const config::Resource& resource,
                                      const policy::Grants& grants) {
    std::set<std::string> names;
    for (const auto& [name, user] : config.users)
        names.insert(name);
    if (!config.accept_unlisted_users) return names;
    for (const policy::LiveGrant* live : grants.on_resource(resource.name)) {
        if (live->grant.subject.kind == policy::Subject::Kind::user) names.insert(live->grant.subject.name);
    }
    return names;
}

}  // namespace

policy::GovernedRoles governed_roles(const config::Config& config, const config::Resource& resource,
                                     const policy::Grants& grants) {
    policy::GovernedRoles roles;
    std::set<std::string> names;
    roles.shared = resource.login != config::LoginMode::passthrough;
    if (resource.login == config::LoginMode::passthrough) {
        names = roles_of_people(config, resource, grants);
    } else if (resource.role) {
        names.insert(resource.role->user);
    }
    if (resource.login == config::LoginMode::ephemeral) roles.pattern = ephemeral_roles;
    if (resource.admin_login) names.erase(resource.admin_login->user);
    roles.names.assign(names.begin(), names.end());
    return roles;
}

}  // namespace curfew::proxy
