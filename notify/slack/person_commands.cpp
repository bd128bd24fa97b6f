// PersonActs: what is asked for by `/curfew`.
#include <fmt/format.h>

#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"
#include "notify/slack/person_acts.hpp"
#include "notify/slack/text.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::size_t most_listed = 10;
constexpr std::size_t longest_listed_name = 60;
constexpr std::size_t longest_answer = 2'900;

std::string line_of(const policy::Request& request, std::string_view people_address) {
    const auto id = people_address.empty()
                        ? fmt::format("`{}`", request.id.text())
                        : fmt::format("<{0}/requests/{1}|{1}>", people_address, request.id.text());
    return fmt::format("• {} {}: {} on {} for {}", id, to_string(request.status),
                       escaped(request.requester, longest_listed_name),
                       escaped(request.resource, longest_listed_name), format_duration(request.duration));
}

// As many lines as one block of text has room for.
std::string listed(std::string_view title, const std::vector<workflow::RequestView>& requests,
                   std::string_view nothing, std::string_view people_address) {
    if (requests.empty()) return std::string{nothing};
    std::string text = fmt::format("*{}*", title);
    for (const auto& one : requests)
        text += "\n" + line_of(one.request, people_address);
    return text;
}

}  // namespace

Awaitable<Result<LinkOffers*>> PersonActs::offers() {
    if (!offers_) {
        auto asking = parts_.store.installation_secret();
        const auto secret = co_await std::move(asking);
        if (!secret) co_return secret.error();
        offers_.emplace(*secret);
    }
    co_return &*offers_;
}

Awaitable<std::string> PersonActs::link(WorkspacePtr workspace, SlackUser by) {
    auto checking = holders_.own_team(*workspace, by);
    const auto team = co_await std::move(checking);
    if (!team) co_return escaped(team.error().message, longest_answer);
    auto looking = parts_.store.find_chat_account(*team, by.user);
    const auto account = co_await std::move(looking);
    if (!account) co_return escaped(account.error().message, longest_answer);
    if (*account) {
        co_return fmt::format("You are {} in Curfew. To be somebody else, say `/curfew unlink` first.",
                              escaped((*account)->user, longest_listed_name));
    }
    if (parts_.people_address.empty())
        co_return "Curfew has no page to link your account on: an administrator has to set api.public_url.";
    auto preparing = offers();
    const auto sealing = co_await std::move(preparing);
    if (!sealing) co_return escaped(sealing.error().message, longest_answer);
    auto asking = workspace->look_up(by.user);
    const auto answer = co_await std::move(asking);
    const auto name = answer ? name_in(*answer, by) : by.user;
    const LinkOffer offer{workspace->notifier(), by.team, by.user, name,
                          parts_.clock.wall_now() + link_lifetime};
    co_return fmt::format(
        "<{}|Link this Slack account to your user in Curfew>\nThe address is for you alone, works once, and "
        "for ten minutes. Whoever confirms it lets you decide in their name: do not pass it on.",
        link_address(parts_.people_address, (*sealing)->seal(offer)));
}

Awaitable<std::string> PersonActs::unlink(WorkspacePtr workspace, SlackUser by) {
    auto checking = holders_.own_team(*workspace, by);
    const auto team = co_await std::move(checking);
    if (!team) co_return escaped(team.error().message, longest_answer);
    auto looking = parts_.store.find_chat_account(*team, by.user);
    const auto account = co_await std::move(looking);
    if (!account) co_return escaped(account.error().message, longest_answer);
    if (!*account) co_return "Your Slack account is not linked to anybody in Curfew.";
    const std::string user = (*account)->user;
    auto unlinking = parts_.store.unlink_chat_account(*team, by.user, user);
    const auto unlinked = co_await std::move(unlinking);
    if (!unlinked) co_return escaped(unlinked.error().message, longest_answer);
    log::info("chat_account.unlinked", {{"actor", user}, {"team", *team}, {"account", by.user}});
    co_return "Your Slack account is not linked to Curfew any more, and its subscriptions are gone.";
}

Awaitable<std::string> PersonActs::subscribe(WorkspacePtr workspace, SlackUser by, bool wanted) {
    auto checking = holders_.own_team(*workspace, by);
    const auto team = co_await std::move(checking);
    if (!team) co_return escaped(team.error().message, longest_answer);
    store::ChatSubscription subscription{workspace->notifier(), *team, by.user, std::nullopt};
    if (!wanted) {
        auto ending = parts_.store.unsubscribe_chat_account(std::move(subscription));
        const auto ended = co_await std::move(ending);
        if (!ended) co_return escaped(ended.error().message, longest_answer);
        co_return "You get no direct messages about requests any more. Channels go on as they are.";
    }
    auto subscribing = parts_.store.subscribe_chat_account(std::move(subscription));
    const auto subscribed = co_await std::move(subscribing);
    if (subscribed)
        co_return "You get a direct message about each request that you may review. `/curfew unsubscribe` "
                  "stops that.";
    if (subscribed.error().code == ErrorCode::not_found)
        co_return "Say `/curfew link` first: who is told of requests has to be linked to a user of Curfew.";
    co_return escaped(subscribed.error().message, longest_answer);
}

Awaitable<std::string> PersonActs::list_requests(WorkspacePtr workspace, SlackUser by) {
    auto finding = holders_.find(*workspace, std::move(by));
    const auto holder = co_await std::move(finding);
    if (!holder) co_return escaped(holder.error().message, longest_answer);
    workflow::RequestQuery waiting;
    waiting.awaiting_my_review = true;
    auto asking = parts_.desk.list(std::move(waiting), most_listed, holder->principal);
    const auto theirs = co_await std::move(asking);
    if (!theirs) co_return escaped(theirs.error().message, longest_answer);
    workflow::RequestQuery own;
    own.requester = holder->principal.user;
    own.statuses = {policy::RequestStatus::pending, policy::RequestStatus::approved};
    auto asking_own = parts_.desk.list(std::move(own), most_listed, holder->principal);
    const auto mine = co_await std::move(asking_own);
    if (!mine) co_return escaped(mine.error().message, longest_answer);
    const auto& address = parts_.people_address;
    const auto text = listed("Waiting for you", theirs->requests, "Nothing waits for your review.", address) +
                      "\n" +
                      listed("Asked for by you", mine->requests, "You have asked for nothing.", address);
    if (length_in_slack(text) <= longest_answer) co_return text;
    co_return fmt::format("There is more than fits here: see {}/requests", address);
}

Awaitable<boost::json::object> PersonActs::command(WorkspacePtr workspace, Command command) {
    std::string text;
    switch (command.verb) {
        case Verb::help:
            text = help_text();
            break;
        case Verb::unknown:
            text = fmt::format("Curfew does not know \"{}\".\n{}", escaped(command.text, longest_listed_name),
                               help_text());
            break;
        case Verb::link: {
            auto linking = link(workspace, command.by);
            text = co_await std::move(linking);
            break;
        }
        case Verb::unlink: {
            auto unlinking = unlink(workspace, command.by);
            text = co_await std::move(unlinking);
            break;
        }
        case Verb::subscribe:
        case Verb::unsubscribe: {
            auto subscribing = subscribe(workspace, command.by, command.verb == Verb::subscribe);
            text = co_await std::move(subscribing);
            break;
        }
        case Verb::list_requests: {
            auto listing = list_requests(workspace, command.by);
            text = co_await std::move(listing);
            break;
        }
    }
    co_return ephemeral_answer(text);
}

}  // namespace curfew::notify::slack
