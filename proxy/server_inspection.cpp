#include "proxy/server_inspection.hpp"

#include <memory>
#include <string>
#include <utility>

#include "proxy/ephemeral_role.hpp"
#include "proxy/server_questions.hpp"

namespace curfew::proxy {
namespace {

using Answer = Result<std::shared_ptr<const ServerRows>>;

Awaitable<Answer> ask(BackendAdmin& admin, ServerQuestion question, std::string what) {
    co_return co_await admin.look(std::move(question.sql), std::move(question.parameters), std::move(what));
}

std::vector<std::string> names(const ServerRows& rows) {
    std::vector<std::string> names;
    for (const ServerRow& row : rows)
        names.push_back(row.at(0));
    return names;
}

Awaitable<Result<void>> inspect_roles(BackendAdmin& admin, const policy::GovernedRoles& roles,
                                      policy::ServerFacts& facts) {
    auto asking_existing = ask(admin, roles_question(roles), "its roles");
    const Answer existing = co_await std::move(asking_existing);
    if (!existing) co_return existing.error();
    for (const ServerRow& row : **existing)
        facts.roles.push_back(read_role(row));
    auto asking_prepared = ask(admin, prepared_question(roles), "its prepared transactions");
    const Answer prepared = co_await std::move(asking_prepared);
    if (!prepared) co_return prepared.error();
    facts.prepared_transactions = names(**prepared);
    co_return Result<void>{};
}

// Only this may be refused: PostgreSQL keeps it for superusers unless they share it.
Awaitable<Result<void>> inspect_hba(BackendAdmin& admin, policy::ServerFacts& facts) {
    auto asking_lines = ask(admin, hba_question(), "its pg_hba.conf");
    const Answer lines = co_await std::move(asking_lines);
    if (!lines) {
        if (lines.error().code != ErrorCode::forbidden) co_return lines.error();
        facts.hba_problem = lines.error().message;
        co_return Result<void>{};
    }
    facts.hba.emplace();
    for (const ServerRow& row : **lines)
        facts.hba->push_back(read_hba_rule(row));
    co_return Result<void>{};
}

Awaitable<Result<void>> inspect_role_making(BackendAdmin& admin, policy::ServerFacts& facts) {
    const auto& wanted = admin.resource().ephemeral;
    if (!wanted) co_return Result<void>{};
    std::vector<std::string> roles = wanted->member_of;
    roles.push_back(wanted->owner);
    auto asking_making = ask(admin, making_question(), "its own rights");
    const Answer making = co_await std::move(asking_making);
    if (!making) co_return making.error();
    auto asking_giving = ask(admin, giving_question(roles, facts.version), "its memberships");
    const Answer giving = co_await std::move(asking_giving);
    if (!giving) co_return giving.error();
    facts.role_making = read_role_making(**making, **giving, *wanted);
    co_return Result<void>{};
}

Awaitable<Result<void>> inspect_settings(BackendAdmin& admin, policy::ServerFacts& facts) {
    auto asking_settings = ask(admin, settings_question(), "its settings");
    const Answer settings = co_await std::move(asking_settings);
    if (!settings) co_return settings.error();
    for (const ServerRow& row : **settings)
        facts.settings[row.at(0)] = row.at(1);
    auto asking_nodes = ask(admin, nodes_question(), "Curfew's own connections");
    const Answer nodes = co_await std::move(asking_nodes);
    if (!nodes) co_return nodes.error();
    facts.node_addresses = names(**nodes);
    auto asking_slots = ask(admin, inactive_slots_question(), "its replication slots");
    const Answer slots = co_await std::move(asking_slots);
    if (!slots) co_return slots.error();
    facts.inactive_slots = names(**slots);
    co_return Result<void>{};
}

}  // namespace

Awaitable<Result<std::vector<policy::SeenBackend>>> backends_of(BackendAdmin& admin,
                                                                policy::GovernedRoles roles) {
    auto asking_rows = ask(admin, backends_question(roles), "its backends");
    const Answer rows = co_await std::move(asking_rows);
    if (!rows) co_return rows.error();
    std::vector<policy::SeenBackend> seen;
    for (const ServerRow& row : **rows) {
        if (row.at(0).empty()) {
            const std::string& role = admin.resource().admin_login->user;
            co_return Error{ErrorCode::forbidden,
                            "role '" + role + "' of resource '" + admin.resource().name +
                                "' may not see other roles' backends; as a superuser of that PostgreSQL: "
                                "GRANT pg_read_all_stats TO \"" +
                                role + "\""};
        }
        seen.push_back(read_backend(row));
    }
    co_return seen;
}

Awaitable<Result<std::vector<std::string>>> unkept_roles(BackendAdmin& admin, std::string installation,
                                                         std::shared_ptr<const config::Config> config) {
    std::vector<std::string> unkept;
    // That of a resource with such roles looks after those of resources that are gone as well.
    if (admin.resource().ephemeral) co_return unkept;
    ServerQuestion question{std::string{list_roles_sql()}, {}};
    auto asking = ask(admin, std::move(question), "its roles");
    const Answer rows = co_await std::move(asking);
    if (!rows) co_return rows.error();
    for (const ServerRow& row : **rows) {
        const auto role = parse_role_comment(row.at(1), installation);
        if (!role || role_name(*role) != row.at(0)) continue;
        const config::Resource* resource = config->find_resource(role->resource);
        if (resource == nullptr || !resource->ephemeral) unkept.push_back(row.at(0));
    }
    co_return unkept;
}

Awaitable<Result<policy::ServerFacts>> inspect_server(BackendAdmin& admin, policy::GovernedRoles roles) {
    policy::ServerFacts facts;
    auto asking_asker = ask(admin, asker_question(), "its roles");
    const Answer asker = co_await std::move(asking_asker);
    if (!asker) co_return asker.error();
    if ((*asker)->size() != 1)
        co_return Error{ErrorCode::unavailable, "this is no PostgreSQL that tells its roles' rights"};
    read_asker((*asker)->front(), facts);
    Result<void> inspected = co_await inspect_settings(admin, facts);
    if (inspected) inspected = co_await inspect_roles(admin, roles, facts);
    if (inspected) inspected = co_await inspect_role_making(admin, facts);
    if (inspected) inspected = co_await inspect_hba(admin, facts);
    if (!inspected) co_return inspected.error();
    co_return facts;
}

}  // namespace curfew::proxy
