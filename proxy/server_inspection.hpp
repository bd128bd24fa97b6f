// What a resource's PostgreSQL is like, and who is in, asked over the administrative connection.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "policy/diagnosis.hpp"
#include "policy/ungoverned_backends.hpp"
#include "proxy/backend_admin.hpp"

namespace curfew::proxy {

// All may be awaited on any thread; the admin outlives them. Errors as BackendAdmin says.

// The backends that work as these roles, all of them. forbidden: some may not be seen.
Awaitable<Result<std::vector<policy::SeenBackend>>> backends_of(BackendAdmin& admin,
                                                                policy::GovernedRoles roles);

// The ephemeral roles of that installation (installation_mark) that were made for resources which `config`
// does not have with login: ephemeral.
Awaitable<Result<std::vector<std::string>>> unkept_roles(BackendAdmin& admin, std::string installation,
                                                         std::shared_ptr<const config::Config> config);

// All but `ungoverned` and `unkept_roles`, which take more than the server to tell. What may not be read is
// left out, and why.
Awaitable<Result<policy::ServerFacts>> inspect_server(BackendAdmin& admin, policy::GovernedRoles roles);

}  // namespace curfew::proxy
