#include "notify/slack/slack_notifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "notify/slack/notice_message.hpp"
#include "notify/texts.hpp"

namespace curfew::notify::slack {
namespace {

using To = Recipient::Kind;

constexpr std::chrono::seconds clocks_apart{60};

http::CurlFetch::Options towards_slack() {
    http::CurlFetch::Options options;
    options.peer = "Slack";
    return options;
}

const config::SlackSettings& slack_settings(const config::Notifier& notifier) {
    return std::get<config::SlackSettings>(notifier.provider);
}

SendOutcome not_sent(const CallFailure& failure) {
    NotSent outcome;
    outcome.problem = failure.message;
    outcome.for_good = failure.kind == CallFailure::Kind::request;
    if (failure.retry_after) outcome.retry_after = *failure.retry_after;
    return outcome;
}

SendOutcome not_sent(const Error& error) {
    return NotSent{error.message, std::nullopt, false};
}

bool is_gone(const CallFailure& failure) {
    return failure.error == "message_not_found" || failure.error == "cant_update_message";
}

Posting known_as(const Message& message, std::string_view part = {}) {
    Posting posting;
    posting.known_by = message.delivery.id.text() + std::string{part};
    posting.request = message.delivery.subject;
    return posting;
}

bool is_extension(const Facts& facts) {
    return facts.request && facts.request->kind == policy::RequestKind::extension;
}

}  // namespace

SlackNotifier::SlackNotifier(const config::Notifier& notifier, store::Store& store, http::WorkerPool& pool,
                             const Clock& clock)
    : fetch_{towards_slack()},
      store_{store},
      workspace_{notifier.name, slack_settings(notifier), CallParts{fetch_, pool, clock}} {}

Awaitable<Result<std::string>> SlackNotifier::stored_team() {
    auto asking = workspace_.team();
    const auto team = co_await std::move(asking);
    if (!team) co_return Error{ErrorCode::unavailable, team.error().message};
    co_return Workspace::stored_team(*team);
}

// The channel of each group that may review; those without one of their own share the default one.
std::set<std::string> SlackNotifier::channels_for(const Facts& facts,
                                                  const Surroundings& surroundings) const {
    const auto& settings = workspace_.settings();
    std::set<std::string> channels;
    const auto groups = reviewing_groups(facts, surroundings);
    for (const auto& group : groups) {
        const auto own = settings.channels.find(group);
        const auto& channel = own == settings.channels.end() ? settings.channel : own->second;
        if (!channel.empty()) channels.insert(channel);
    }
    if (groups.empty() && !settings.channel.empty()) channels.insert(settings.channel);
    return channels;
}

Awaitable<Result<SlackNotifier::Recipients>> SlackNotifier::approvers(const Notice& notice,
                                                                      const Facts& facts,
                                                                      const Surroundings& surroundings) {
    Recipients found;
    for (const auto& channel : channels_for(facts, surroundings))
        found.push_back(to_text(Recipient{To::channel, channel}));
    auto looking = store_.chat_subscribers(workspace_.notifier(), facts.resource());
    const auto subscribers = co_await std::move(looking);
    if (!subscribers) co_return subscribers.error();
    if (subscribers->empty()) co_return found;
    auto asking = stored_team();
    const auto team = co_await std::move(asking);
    if (!team) co_return team.error();
    const auto people = people_to_tell(notice, facts, surroundings);
    for (const auto& account : *subscribers) {
        if (account.team == *team && people.contains(account.user))
            found.push_back(to_text(Recipient{To::approver, account.account}));
    }
    co_return found;
}

Awaitable<Result<SlackNotifier::Recipients>> SlackNotifier::requester(std::string user,
                                                                      const Surroundings& surroundings) {
    Recipients found;
    auto listing = store_.chat_accounts(user);
    const auto accounts = co_await std::move(listing);
    if (!accounts) co_return accounts.error();
    const auto* const known = surroundings.config->find_user(user);
    const std::string email = known == nullptr ? std::string{} : known->email;
    const bool by_email = workspace_.settings().match_email && !email.empty();
    if (accounts->empty() && !by_email) co_return found;
    auto asking = stored_team();
    const auto team = co_await std::move(asking);
    if (!team) co_return team.error();
    for (const auto& account : *accounts) {
        if (account.team == *team) found.push_back(to_text(Recipient{To::requester, account.account}));
    }
    if (!found.empty() || !by_email) co_return found;
    auto matching = workspace_.find_by_email(email);
    const auto matched = co_await std::move(matching);
    if (!matched) co_return Error{ErrorCode::unavailable, matched.error().message};
    if (*matched) found.push_back(to_text(Recipient{To::requester, **matched}));
    co_return found;
}

Awaitable<Result<std::vector<std::string>>> SlackNotifier::recipients(const Notice& notice,
                                                                      const Facts& facts,
                                                                      const Surroundings& surroundings,
                                                                      const std::vector<std::string>& told) {
    Recipients found;
    if (notice.is_update) {
        for (const auto& text : told) {
            const auto recipient = parse_recipient(text);
            if (recipient && recipient->kind != To::requester) found.push_back(text);
        }
        co_return found;
    }
    if (is_for_approvers(notice.kind)) {
        auto looking = approvers(notice, facts, surroundings);
        auto looked = co_await std::move(looking);
        co_return looked;
    }
    for (const auto& user : people_to_tell(notice, facts, surroundings)) {
        auto looking = requester(user, surroundings);
        const auto accounts = co_await std::move(looking);
        if (!accounts) co_return accounts.error();
        found.insert(found.end(), accounts->begin(), accounts->end());
    }
    co_return found;
}

Awaitable<SendOutcome> SlackNotifier::send(Message message) {
    const auto recipient = parse_recipient(message.delivery.recipient);
    if (!recipient) co_return Pointless{"its recipient is none of this notifier's"};
    const bool for_requester = recipient->kind == To::requester;
    auto telling = for_requester ? tell_requester(message, *recipient) : tell_approvers(message, *recipient);
    auto outcome = co_await std::move(telling);
    co_return outcome;
}

Awaitable<CallResult<MessagePlace>> SlackNotifier::post_once(const Message& message, Posting posting) {
    if (message.delivery.attempts > 1) {
        // Slack's clock may be another one than the store's.
        auto looking = workspace_.find_posted(posting, message.delivery.created_at - clocks_apart);
        const auto found = co_await std::move(looking);
        if (!found) co_return found.error();
        if (*found) {
            log::info("slack.found_sent", {{"notifier", workspace_.notifier()},
                                           {"delivery", posting.known_by},
                                           {"request", posting.request}});
            co_return **found;
        }
    }
    auto posting_it = workspace_.post(std::move(posting));
    auto place = co_await std::move(posting_it);
    co_return place;
}

Awaitable<Result<std::optional<Receipt>>> SlackNotifier::thread_of(const Message& message) {
    const auto& facts = message.facts;
    if (!is_extension(facts) || !facts.grant || !facts.grant->request) co_return std::optional<Receipt>{};
    auto looking =
        store_.receipt_of(workspace_.notifier(), message.delivery.recipient, facts.grant->request->text());
    const auto receipt = co_await std::move(looking);
    if (!receipt) co_return receipt.error();
    co_return *receipt ? parse_receipt(**receipt) : std::nullopt;
}

Awaitable<SendOutcome> SlackNotifier::tell_approvers(const Message& message, const Recipient& recipient) {
    if (!message.facts.request) co_return Pointless{"there is no request that anybody could decide about"};
    if (const auto receipt = parse_receipt(message.last_receipt.value_or(""))) {
        auto changing = change(message, *receipt);
        auto changed = co_await std::move(changing);
        co_return changed;
    }
    if (message.notice.is_update) co_return Pointless{"there is no message to be changed"};
    auto looking = thread_of(message);
    const auto thread = co_await std::move(looking);
    if (!thread) co_return not_sent(thread.error());
    auto posting = known_as(message);
    posting.channel = recipient.id;
    if (*thread) {
        posting.channel = (*thread)->channel;
        posting.thread = (*thread)->ts;
        posting.broadcast = true;  // somebody has to decide about it
    } else if (recipient.kind == To::approver) {
        auto opening = workspace_.open_direct(recipient.id);
        const auto direct = co_await std::move(opening);
        if (!direct) co_return not_sent(direct.error());
        posting.channel = *direct;
    }
    posting.message = request_message(card_of(message.facts, *message.surroundings));
    auto sending = post_once(message, std::move(posting));
    const auto place = co_await std::move(sending);
    if (!place) co_return not_sent(place.error());
    co_return Sent{to_text(Receipt{place->channel, place->ts, access_end(message.facts), false})};
}

Awaitable<SendOutcome> SlackNotifier::change(const Message& message, Receipt receipt) {
    auto shown = request_message(card_of(message.facts, *message.surroundings));
    auto known = known_as(message);
    auto updating = workspace_.update({receipt.channel, receipt.ts}, std::move(shown), std::move(known));
    const auto updated = co_await std::move(updating);
    if (!updated && is_gone(updated.error())) co_return Pointless{"the message was deleted in Slack"};
    if (!updated) co_return not_sent(updated.error());
    auto saying = say_in_thread(message, receipt);
    const auto failure = co_await std::move(saying);
    if (failure) co_return not_sent(*failure);
    co_return Sent{to_text(receipt)};
}

Awaitable<std::optional<CallFailure>> SlackNotifier::say_in_thread(const Message& message, Receipt& receipt) {
    const auto& facts = message.facts;
    const auto& surroundings = *message.surroundings;
    NoticeText text;
    std::string part;
    const auto end = access_end(facts);
    const bool over = end && facts.request->approved_at && !has_access(facts);
    if (is_extension(facts)) co_return std::nullopt;  // it is in a thread itself
    // The message itself says what came of a command.
    if (message.notice.is_update && facts.request->command) co_return std::nullopt;
    if (!message.notice.is_update) {
        text = text_of(message.notice, facts, surroundings);
        part = ":said";
    } else if (over && !receipt.over) {
        text.title = fmt::format("The access of {} to {} has ended. {}",
                                 surroundings.shown_name(facts.request->requester), facts.resource(),
                                 why_ended(facts, surroundings));
        part = ":ended";
    } else if (!over && end && receipt.until && *end > *receipt.until) {
        text.title = fmt::format("The access of {} to {} was extended, until {}",
                                 surroundings.shown_name(facts.request->requester), facts.resource(),
                                 readable_utc(*end));
        part = ":extended";
    }
    receipt.until = end;
    if (part.empty()) co_return std::nullopt;
    receipt.over = receipt.over || over;
    auto posting = known_as(message, part);
    posting.channel = receipt.channel;
    posting.thread = receipt.ts;
    posting.message = notice_message(text);
    auto sending = post_once(message, std::move(posting));
    const auto place = co_await std::move(sending);
    if (!place) co_return place.error();
    co_return std::nullopt;
}

Awaitable<SendOutcome> SlackNotifier::tell_requester(const Message& message, const Recipient& recipient) {
    auto opening = workspace_.open_direct(recipient.id);
    const auto direct = co_await std::move(opening);
    if (!direct) co_return not_sent(direct.error());
    auto posting = known_as(message);
    posting.channel = *direct;
    posting.message = notice_message(text_of(message.notice, message.facts, *message.surroundings));
    auto sending = post_once(message, std::move(posting));
    const auto place = co_await std::move(sending);
    if (!place) co_return not_sent(place.error());
    co_return Sent{to_text(Receipt{place->channel, place->ts, std::nullopt, false})};
}

}  // namespace curfew::notify::slack
