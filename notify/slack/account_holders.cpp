#include "notify/slack/account_holders.hpp"

#include <utility>

namespace curfew::notify::slack {
namespace {

Error away(const CallFailure& failure) {
    return {ErrorCode::unavailable,
            "Slack could not be asked who you are. Try again in a moment; " + failure.message};
}

Error nobody() {
    return {
        ErrorCode::forbidden,
        "Curfew does not know who you are here. Say /curfew link, and open the address that you get while "
        "you are signed in to Curfew"};
}

}  // namespace

Awaitable<Result<std::string>> AccountHolders::own_team(Workspace& workspace, SlackUser by) {
    auto asking = workspace.team();
    const auto team = co_await std::move(asking);
    if (!team) co_return away(team.error());
    // A channel may be shared with others, whose members press buttons as well.
    if (by.team != *team || (!by.user_team.empty() && by.user_team != *team)) {
        co_return Error{ErrorCode::forbidden,
                        "You belong to another workspace than the one that Curfew is set up for, so that you "
                        "can decide nothing here. Use Curfew's page"};
    }
    co_return Workspace::stored_team(*team);
}

Awaitable<Result<Holder>> AccountHolders::find(Workspace& workspace, SlackUser by) {
    auto checking = own_team(workspace, by);
    const auto team = co_await std::move(checking);
    if (!team) co_return team.error();
    auto looking = store_.find_chat_account(*team, by.user);
    const auto account = co_await std::move(looking);
    if (!account) co_return account.error();
    if (!*account) {
        if (!workspace.settings().match_email) co_return nobody();
        auto matching = find_by_email(workspace, std::move(by));
        auto matched = co_await std::move(matching);
        co_return matched;
    }
    auto asking = people_.principal((*account)->user);
    auto principal = co_await std::move(asking);
    if (!principal) co_return principal.error();
    co_return Holder{std::move(*principal), true};
}

Awaitable<Result<Holder>> AccountHolders::find_by_email(Workspace& workspace, SlackUser by) {
    auto looking = workspace.look_up(by.user);
    const auto answer = co_await std::move(looking);
    if (!answer) co_return away(answer.error());
    const auto person = person_with_email(*answer, by, by.team);
    if (!person) co_return person.error();
    const auto user = people_.user_of_email(person->email);
    if (!user) co_return nobody();
    auto asking = people_.principal(*user);
    auto principal = co_await std::move(asking);
    if (!principal) co_return principal.error();
    co_return Holder{std::move(*principal), false};
}

}  // namespace curfew::notify::slack
