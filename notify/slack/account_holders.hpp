// Who somebody in Slack is here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "identity/principal.hpp"
#include "notify/slack/slack_ids.hpp"
#include "notify/slack/workspace.hpp"
#include "store/chat_accounts.hpp"

namespace curfew::notify::slack {

// Who there is at this moment.
struct KnownPeople {
    // The user with this address; nullopt also where two have it.
    std::function<std::optional<std::string>(std::string_view email)> user_of_email;
    // A user with the groups and rights that they have now. forbidden: there is no such user (any more).
    std::function<Awaitable<Result<identity::Principal>>(std::string user)> principal;
};

// Somebody in Slack, as they may act here.
struct Holder {
    identity::Principal principal;
    bool is_linked = false;  // by an account that was linked, and not by its address alone
};

// By the account that they linked; or by their address, where the notifier has match_email, Slack has
// confirmed it, and they are a full member of the notifier's own workspace. Belongs to one executor.
class AccountHolders {
public:
    // `store` outlives it.
    AccountHolders(store::ChatAccountStore& store, KnownPeople people)
        : store_{store}, people_{std::move(people)} {}

    // forbidden: they are nobody here; the message says why, and what they can do. unavailable: it cannot be
    // known now.
    Awaitable<Result<Holder>> find(Workspace& workspace, SlackUser by);
    // The workspace as the store names it, if that is where `by` belongs.
    Awaitable<Result<std::string>> own_team(Workspace& workspace, SlackUser by);

private:
    Awaitable<Result<Holder>> find_by_email(Workspace& workspace, SlackUser by);

    store::ChatAccountStore& store_;
    const KnownPeople people_;
};

}  // namespace curfew::notify::slack
