#include "workflow/command_grants.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/text.hpp"

namespace curfew::workflow {
namespace {

using policy::GrantUse;

std::string named(const std::vector<const policy::Rule*>& rules) {
    std::vector<std::string_view> names;
    names.reserve(rules.size());
    for (const policy::Rule* rule : rules)
        names.push_back(rule->name);
    return fmt::format("{} {}", names.size() == 1 ? "rule" : "rules", fmt::join(names, ", "));
}

bool is_lasting(const store::GrantCountdown& grant, const std::string& resource) {
    return grant.grant.use == GrantUse::commands && grant.grant.resource == resource &&
           grant.state() == policy::GrantState::active && grant.remaining > command_grant_length / 2;
}

Awaitable<Result<std::optional<store::GrantCountdown>>> find_lasting(store::Store& store, std::string user,
                                                                     std::string resource) {
    store::GrantFilter filter;
    filter.subjects.emplace();
    filter.subjects->push_back({policy::Subject::Kind::user, std::move(user)});
    store::Page page;
    page.limit = store::largest_grant_page;
    for (;;) {
        auto found = co_await store.list_grants(filter, page);
        if (!found) co_return found.error();
        for (store::GrantCountdown& grant : found->grants) {
            if (is_lasting(grant, resource)) co_return std::optional{std::move(grant)};
        }
        if (!found->next) co_return std::optional<store::GrantCountdown>{};
        page.cursor = std::move(*found->next);
    }
}

}  // namespace

policy::Terms terms_for_commands(const Rulebook& rulebook, std::string_view user, std::string_view resource) {
    return policy::terms_for(user, rulebook.target(resource), policy::RequestType::command, rulebook.rules(),
                             rulebook.directory());
}

bool may_keep(const Rulebook& rulebook, const policy::Grant& grant) {
    if (grant.use == GrantUse::sessions) return true;
    if (terms_for_commands(rulebook, grant.subject.name, grant.resource).may_ask()) return true;
    return is_of_the_node(grant.use) && rulebook.target(grant.resource).known &&
           rulebook.directory().is_administrator(grant.subject.name);
}

Awaitable<Result<store::GrantCountdown>> find_or_give_command_grant(store::Store& store, RulebookPtr rulebook,
                                                                    std::string user, std::string resource) {
    const policy::Terms terms = terms_for_commands(*rulebook, user, resource);
    const auto name = rulebook->directory().canonical(user);
    if (!name || !terms.may_ask()) {
        co_return Error{ErrorCode::forbidden, fmt::format("no rule lets {} ask for commands on '{}'",
                                                          printable(user), printable(resource))};
    }
    auto lasting = co_await find_lasting(store, *name, resource);
    if (!lasting) co_return lasting.error();
    if (*lasting) co_return std::move(**lasting);
    store::NewGrant grant;
    grant.subject = {policy::Subject::Kind::user, *name};
    grant.resource = std::move(resource);
    grant.length = command_grant_length;
    grant.reason = "each command is approved by itself";
    grant.given_by = named(terms.rules);
    grant.use = GrantUse::commands;
    co_return co_await store.add_grant(std::move(grant));
}

Awaitable<Result<GrantId>> give_preview_grant(store::Store& store, Enforcement& enforcement,
                                              RulebookPtr rulebook, std::string user, std::string resource) {
    store::NewGrant grant;
    grant.given_by = named(terms_for_commands(*rulebook, user, resource).rules);
    grant.subject = {policy::Subject::Kind::user, std::move(user)};
    grant.resource = std::move(resource);
    grant.length = preview_grant_length;
    grant.reason = "to preview a command for those who decide";
    grant.use = GrantUse::preview;
    auto added = co_await store.add_grant(std::move(grant));
    if (!added) co_return added.error();
    GrantId id = added->grant.id;
    std::vector<store::GrantCountdown> changed;
    changed.push_back(std::move(*added));
    co_await enforcement.grants_changed(std::move(changed));
    co_return id;
}

Awaitable<Result<void>> end_lost_command_grants(store::Store& store, Enforcement& enforcement,
                                                RulebookPtr rulebook) {
    auto grants = co_await store.grants(false);
    if (!grants) co_return grants.error();
    std::vector<store::GrantCountdown> ended;
    Result<void> outcome;
    for (const store::GrantCountdown& one : *grants) {
        if (may_keep(*rulebook, one.grant)) continue;
        auto revoked =
            co_await store.revoke_grant(one.grant.id, {}, "no rule lets its user ask for commands any more");
        if (revoked) {
            log::info("grant.right_lost", {{"grant", one.grant.id.text()},
                                           {"user", one.grant.subject.name},
                                           {"resource", one.grant.resource}});
            ended.push_back(std::move(*revoked));
        } else if (revoked.error().code != ErrorCode::conflict) {  // it is over already
            outcome = revoked.error();
        }
    }
    if (!ended.empty()) co_await enforcement.grants_changed(std::move(ended));
    co_return outcome;
}

}  // namespace curfew::workflow
