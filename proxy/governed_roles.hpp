// Which roles of a resource's PostgreSQL are for nobody without a session of Curfew's.
#pragma once

#include "config/config.hpp"
#include "policy/admission.hpp"
#include "policy/ungoverned_backends.hpp"

namespace curfew::proxy {

// With login: managed the resource's role; with ephemeral those that are made for grants; with passthrough
// the roles of those who are listed as users and, where others may come as well, of those whom a grant on the
// resource names. Never Curfew's own.
policy::GovernedRoles governed_roles(const config::Config& config, const config::Resource& resource,
                                     const policy::Grants& grants);

}  // namespace curfew::proxy
