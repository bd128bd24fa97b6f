// Grants by which people connect whose commands are approved one by one: given with the first connection, and
// gone with the right to ask.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "policy/grant.hpp"
#include "policy/terms.hpp"
#include "store/store.hpp"
#include "workflow/enforcement.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::workflow {

// So long one lasts. It is given anew once less than half of that is left.
inline constexpr Duration command_grant_length = std::chrono::hours{24};

// What the rules say of commands that this user (any of the person's names) asks for on the resource.
policy::Terms terms_for_commands(const Rulebook& rulebook, std::string_view user, std::string_view resource);

// Whether a grant of this use still stands by the rulebook: somebody who may ask for commands has it, and of
// what a node runs for them also an administrator. Always true of a grant for sessions, which requests stand
// for.
bool may_keep(const Rulebook& rulebook, const policy::Grant& grant);

// The one that this user (any of the person's names) has on the resource, or a new one. forbidden: no rule
// lets them ask for commands there.
Awaitable<Result<store::GrantCountdown>> find_or_give_command_grant(store::Store& store, RulebookPtr rulebook,
                                                                    std::string user, std::string resource);

// So long the one lasts under which a preview is made, unless it is over before.
inline constexpr Duration preview_grant_length = std::chrono::minutes{10};

// A grant under which the node makes a preview in this user's (canonical name) stead; the node knows it when
// this returns.
Awaitable<Result<GrantId>> give_preview_grant(store::Store& store, Enforcement& enforcement,
                                              RulebookPtr rulebook, std::string user, std::string resource);

// Revokes all that do not stand, and has the node act on it before it returns.
Awaitable<Result<void>> end_lost_command_grants(store::Store& store, Enforcement& enforcement,
                                                RulebookPtr rulebook);

}  // namespace curfew::workflow
