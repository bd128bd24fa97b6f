// One's own accounts in a chat: which there are, linking one that `/curfew link` offered, and unlinking.
#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <utility>

#include "api/json_input.hpp"
#include "api/json_values.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "notify/slack/link_offer.hpp"
#include "notify/slack/slack_ids.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;
namespace slack = notify::slack;

constexpr std::size_t longest_offer_code = 2'000;
constexpr std::string_view slack_prefix = "slack:";

struct ChatDesk {
    store::Store& store;
    const Clock& clock;
};

// `slack:T024BE7LH:U061F7AUR`.
std::string id_of(const store::ChatAccount& account) {
    return account.team + ":" + account.account;
}

// What of a team comes after the provider's name.
std::string_view workspace_of(std::string_view team) {
    if (team.starts_with(slack_prefix)) team.remove_prefix(slack_prefix.size());
    return team;
}

json::object chat_account_view(const store::ChatAccount& account) {
    return {{"id", text_value(id_of(account))},
            {"provider", "slack"},
            {"team", text_value(workspace_of(account.team))},
            {"account", text_value(account.account)},
            {"user", text_value(account.user)},
            {"linked_by", text_value(account.linked_by)},
            {"linked_at", format_utc(account.linked_at)}};
}

std::optional<Error> why_no_user(const Call& call) {
    if (!call.who().user.empty()) return std::nullopt;
    return Error{ErrorCode::conflict, "You are no user here, and so no account in a chat can be yours"};
}

Error no_offer() {
    return {ErrorCode::conflict,
            "This link was used already, or has expired. Say /curfew link in Slack for a new one"};
}

struct OpenedOffer {
    std::string code;
    slack::LinkOffer offer;
};

Awaitable<Result<OpenedOffer>> read_offer(const ChatDesk& desk, const Call& call) {
    auto reader = ObjectReader::parse(call.request);
    if (!reader) co_return reader.error();
    auto code = reader->required_text("code", longest_offer_code);
    if (auto error = reader->error()) co_return *error;
    if (auto error = why_no_user(call)) co_return *error;
    auto asking = desk.store.installation_secret();
    const auto secret = co_await std::move(asking);
    if (!secret) co_return secret.error();
    auto offer = slack::LinkOffers{*secret}.open(code, desk.clock.wall_now());
    if (!offer) co_return no_offer();
    co_return OpenedOffer{std::move(code), std::move(*offer)};
}

Awaitable<Reply> list_accounts(const ChatDesk& desk, Call call) {
    json::array items;
    if (!call.who().user.empty()) {
        auto listing = desk.store.chat_accounts(call.who().user);
        const auto accounts = co_await std::move(listing);
        if (!accounts) co_return problem(accounts.error());
        for (const auto& account : *accounts)
            items.emplace_back(chat_account_view(account));
    }
    co_return json_response(http::status::ok, list_document(std::move(items), std::nullopt));
}

// Only shows it: nothing is linked by opening a page.
Awaitable<Reply> show_offer(const ChatDesk& desk, Call call) {
    auto reading = read_offer(desk, call);
    const auto opened = co_await std::move(reading);
    if (!opened) co_return problem(opened.error());
    const auto& offer = opened->offer;
    co_return json_response(http::status::ok, {{"provider", "slack"},
                                               {"team", text_value(offer.team)},
                                               {"account", text_value(offer.account)},
                                               {"name", text_value(offer.name)},
                                               {"user", text_value(call.who().user)},
                                               {"expires_at", format_utc(offer.expires_at)}});
}

Awaitable<Reply> link_account(const ChatDesk& desk, Call call) {
    constexpr std::string_view what = "link a chat account";
    auto reading = read_offer(desk, call);
    const auto opened = co_await std::move(reading);
    if (!opened) co_return refused(what, call.actor(), "", opened.error());
    const auto& offer = opened->offer;
    // From here on it is used up: of two who have it, one goes on.
    auto remembering = desk.store.remember_once(slack::used_key(opened->code), slack::link_lifetime);
    const auto first = co_await std::move(remembering);
    if (!first) co_return refused(what, call.actor(), offer.account, first.error());
    if (!*first) co_return refused(what, call.actor(), offer.account, no_offer());
    auto linking = desk.store.link_chat_account(std::string{slack_prefix} + offer.team, offer.account,
                                                call.who().user, call.recorded());
    const auto linked = co_await std::move(linking);
    if (!linked) co_return refused(what, call.actor(), offer.account, linked.error());
    log_done("chat_account.linked", call.actor(), id_of(*linked));
    co_return json_response(http::status::created, chat_account_view(*linked));
}

Awaitable<Reply> unlink_account(const ChatDesk& desk, Call call) {
    constexpr std::string_view what = "unlink a chat account";
    const auto colon = call.id.rfind(':');
    const Error nobody{ErrorCode::not_found,
                       fmt::format("No account '{}' in a chat is yours", printable(call.id, 60))};
    if (colon == std::string::npos || colon == 0 || colon + 1 == call.id.size())
        co_return refused(what, call.actor(), call.id, nobody);
    const std::string team = call.id.substr(0, colon);
    const std::string account = call.id.substr(colon + 1);
    auto looking = desk.store.find_chat_account(team, account);
    const auto found = co_await std::move(looking);
    if (!found) co_return refused(what, call.actor(), call.id, found.error());
    // Whose it is otherwise is for nobody to learn here; administrators take anybody's away.
    const bool allowed = *found && ((*found)->user == call.who().user || call.who().is_administrator);
    if (!allowed) co_return refused(what, call.actor(), call.id, nobody);
    auto unlinking = desk.store.unlink_chat_account(team, account, call.recorded());
    const auto unlinked = co_await std::move(unlinking);
    if (!unlinked) co_return refused(what, call.actor(), call.id, unlinked.error());
    log_done("chat_account.unlinked", call.actor(), call.id, unlinked->user);
    co_return no_content();
}

}  // namespace

void add_chat_account_operations(Router& router, store::Store& store, const Clock& clock) {
    const Requirement see{Access::person, {Scope::read}};
    const Requirement oneself{Access::person, {}};
    const ChatDesk desk{store, clock};
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(const ChatDesk&, Call)) {
        router.add(route, [desk, operation](Call call) { return operation(desk, std::move(call)); });
    };
    add({http::verb::get, "/me/chat-accounts", see}, list_accounts);
    add({http::verb::post, "/me/chat-accounts", oneself}, link_account);
    add({http::verb::post, "/me/chat-accounts/offer", oneself}, show_offer);
    add({http::verb::delete_, "/me/chat-accounts/{id}", oneself}, unlink_account);
}

}  // namespace curfew::api
