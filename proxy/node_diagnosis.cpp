// What may be wrong with a resource's PostgreSQL, asked by a running node.
#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "proxy/ephemeral_role.hpp"
#include "proxy/governed_roles.hpp"
#include "proxy/node_impl.hpp"
#include "proxy/server_inspection.hpp"

namespace curfew::proxy {
namespace {

std::string version_text(int number) {
    if (number == 0) return {};
    return std::to_string(number / 10000) + "." + std::to_string(number % 10000);
}

policy::Finding no_admin_login() {
    return {"admin_login", policy::Severity::serious,
            "The resource has no admin_login: the end of a session cannot be proven, what survives a crash "
            "of curfewd cannot be ended, and nothing else can be looked at",
            "Make a role for Curfew (docs/postgresql-setup.md) and name it in the resource's admin_login"};
}

policy::Finding not_connected(const Error& why) {
    return {"admin_login", policy::Severity::serious,
            "The administrative login could not ask PostgreSQL, so nobody new gets in and nothing could be "
            "looked at: " +
                why.message,
            "The lines admin.* of curfewd's log say since when, and `curfew status` why"};
}

}  // namespace

Awaitable<Result<Diagnosis>> Node::diagnose(std::string resource) {
    const auto impl = impl_;
    const auto setup = impl->setup;  // for as long as this takes
    const auto found = setup ? setup->resources.find(resource) : Resources::const_iterator{};
    if (!setup || found == setup->resources.end()) {
        co_return Error{ErrorCode::not_found, "there is no resource '" + printable(resource) + "' on node '" +
                                                  impl->options.name + "'"};
    }
    Diagnosis diagnosis;
    diagnosis.resource = resource;
    diagnosis.at = impl->clock.wall_now();
    const auto admin = found->second->admin;
    if (!admin) {
        diagnosis.findings.push_back(no_admin_login());
        co_return diagnosis;
    }
    const policy::GovernedRoles roles =
        governed_roles(*setup->config, found->second->config, *impl->book.grants());
    auto inspecting = inspect_server(*admin, roles);
    Result<policy::ServerFacts> facts = co_await std::move(inspecting);
    if (!facts) {
        diagnosis.findings.push_back(not_connected(facts.error()));
        co_return diagnosis;
    }
    auto ungoverned = impl->bypass_watch.ungoverned(resource);
    if (ungoverned) {
        facts->ungoverned = std::move(*ungoverned);
    } else {
        facts->ungoverned_problem = ungoverned.error().message;
    }
    auto looking = unkept_roles(*admin, installation_mark(impl->context.installation_secret), setup->config);
    auto unkept = co_await std::move(looking);
    if (unkept) facts->unkept_roles = std::move(*unkept);
    diagnosis.server_version = version_text(facts->version);
    diagnosis.findings = policy::diagnose(*facts, roles);
    co_return diagnosis;
}

}  // namespace curfew::proxy
