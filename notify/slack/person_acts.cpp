#include "notify/slack/person_acts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"
#include "notify/slack/request_message.hpp"
#include "notify/slack/text.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::size_t longest_told = 2'500;
constexpr std::string_view revoked_by_chat = "by Slack";

// Of the groups that they may review for one that is waited for, if there is one: it is what they would
// choose themselves.
std::string group_to_review_for(const workflow::RequestView& view) {
    for (const auto& rule : view.progress) {
        if (rule.satisfied) continue;
        for (const auto& group : rule.missing_groups) {
            if (view.may_review_for.contains(group)) return group;
        }
    }
    return view.may_review_for.empty() ? std::string{} : *view.may_review_for.begin();
}

void log_done(std::string_view what, const Workspace& workspace, const SlackUser& by,
              const identity::Principal& principal, const RequestId& request) {
    log::info("slack.acted", {{"what", what},
                              {"notifier", workspace.notifier()},
                              {"account", by.user},
                              {"actor", principal.recorded_as},
                              {"request", request.text()}});
}

void log_refused(std::string_view what, const Workspace& workspace, const SlackUser& by,
                 const RequestId& request, std::string_view why) {
    log::warning("slack.refused", {{"what", what},
                                   {"notifier", workspace.notifier()},
                                   {"account", by.user},
                                   {"request", request.text()},
                                   {"error", why}});
}

}  // namespace

PersonActs::PersonActs(Parts parts) : parts_{std::move(parts)}, holders_{parts_.store, parts_.people} {}

Awaitable<void> PersonActs::tell(WorkspacePtr workspace, SlackUser whom, std::string channel,
                                 std::string response_url, std::string text) {
    const auto shown = escaped(text, longest_told);
    std::optional<CallFailure> failure;
    if (is_slack_url(response_url, workspace->own_origin())) {
        auto responding = workspace->bot().respond(std::move(response_url), ephemeral_answer(shown));
        failure = co_await std::move(responding);
        if (!failure) co_return;
    }
    const bool in_channel = !channel.empty();
    boost::json::object arguments{{"channel", in_channel ? channel : whom.user}, {"text", shown}};
    if (in_channel) arguments["user"] = whom.user;
    auto calling =
        workspace->bot().call(in_channel ? "chat.postEphemeral" : "chat.postMessage", std::move(arguments));
    const auto posted = co_await std::move(calling);
    if (posted) co_return;
    log::warning("slack.not_told", {{"notifier", workspace->notifier()},
                                    {"account", whom.user},
                                    {"text", text},
                                    {"error", posted.error().message}});
}

Awaitable<void> PersonActs::answer_late(WorkspacePtr workspace, std::string response_url,
                                        boost::json::object answer) {
    if (!is_slack_url(response_url, workspace->own_origin())) co_return;
    auto responding = workspace->bot().respond(std::move(response_url), std::move(answer));
    const auto failure = co_await std::move(responding);
    if (!failure) co_return;
    log::warning("slack.not_told", {{"notifier", workspace->notifier()}, {"error", failure->message}});
}

Awaitable<void> PersonActs::press(WorkspacePtr workspace, ButtonPressed press) {
    auto deciding = decide(workspace, press);
    auto refusal = co_await std::move(deciding);
    if (!refusal) co_return;
    log_refused(action_id(press.act), *workspace, press.by, press.request, *refusal);
    auto telling = tell(workspace, press.by, press.channel, press.response_url, std::move(*refusal));
    co_await std::move(telling);
}

Awaitable<PersonActs::Refusal> PersonActs::decide(WorkspacePtr workspace, ButtonPressed press) {
    auto finding = holders_.find(*workspace, press.by);
    auto holder = co_await std::move(finding);
    if (!holder) co_return holder.error().message;
    if (press.act == Act::shorten || press.act == Act::reject) {
        auto opening = open_modal(workspace, std::move(press), std::move(holder->principal));
        auto opened = co_await std::move(opening);
        co_return opened;
    }
    const bool approves = press.act == Act::approve;
    policy::event::Reviewed approval;
    approval.verdict = policy::Verdict::approve;
    auto acting = approves ? review(press.request, std::move(approval), holder->principal)
                           : revoke(press.request, holder->principal);
    auto refusal = co_await std::move(acting);
    if (!refusal) log_done(action_id(press.act), *workspace, press.by, holder->principal, press.request);
    co_return refusal;
}

Awaitable<PersonActs::Refusal> PersonActs::review(RequestId id, policy::event::Reviewed review,
                                                  identity::Principal by) {
    auto finding = parts_.desk.find(id, by);
    const auto found = co_await std::move(finding);
    if (!found) co_return found.error().message;
    const auto& command = found->request.command;
    if (review.verdict == policy::Verdict::approve && command && !is_shown_whole(*command)) {
        co_return fmt::format(
            "{} is too long to be shown here. Read all of it in Curfew, and approve it there", id.text());
    }
    review.reviewer = by.user;
    review.group = group_to_review_for(*found);
    auto reviewing = parts_.desk.review(id, std::move(review), std::move(by));
    const auto reviewed = co_await std::move(reviewing);
    if (!reviewed) co_return reviewed.error().message;
    co_return std::nullopt;
}

Awaitable<PersonActs::Refusal> PersonActs::revoke(RequestId id, identity::Principal by) {
    auto revoking = parts_.desk.revoke(std::move(id), std::move(by), std::string{revoked_by_chat});
    const auto revoked = co_await std::move(revoking);
    if (!revoked) co_return revoked.error().message;
    co_return std::nullopt;
}

Awaitable<PersonActs::Refusal> PersonActs::open_modal(WorkspacePtr workspace, ButtonPressed press,
                                                      identity::Principal by) {
    auto finding = parts_.desk.find(press.request, by);
    const auto found = co_await std::move(finding);
    if (!found) co_return found.error().message;
    if (found->may_review_for.empty()) {
        co_return fmt::format(
            "{} has nothing that {} could review: it is {}, or reviewed by others, or your own request",
            press.request.text(), by.user, to_string(found->request.status));
    }
    const ModalSubject subject{press.act, press.request, press.channel};
    boost::json::object arguments{{"trigger_id", press.trigger_id},
                                  {"view", review_modal(subject, found->request)}};
    auto opening = workspace->bot().call("views.open", std::move(arguments));
    const auto opened = co_await std::move(opening);
    if (opened) co_return std::nullopt;
    co_return fmt::format("The form could not be shown. Press the button once more, or use Curfew's page; {}",
                          opened.error().message);
}

Awaitable<boost::json::object> PersonActs::send_modal(WorkspacePtr workspace, ModalSent sent) {
    auto errors = input_errors(sent.subject, sent.input);
    if (!errors.empty()) co_return errors_answer(std::move(errors));
    const bool shorten = sent.subject.act == Act::shorten;
    policy::event::Reviewed event;
    event.verdict = shorten ? policy::Verdict::approve : policy::Verdict::reject;
    event.comment = sent.input.comment;
    if (shorten) event.duration = parse_duration(sent.input.duration).value();  // input_errors saw to it
    auto finding = holders_.find(*workspace, sent.by);
    auto holder = co_await std::move(finding);
    if (!holder) co_return refusal_answer(holder.error().message);
    auto reviewing = review(sent.subject.request, std::move(event), holder->principal);
    const auto refusal = co_await std::move(reviewing);
    if (refusal) {
        log_refused(action_id(sent.subject.act), *workspace, sent.by, sent.subject.request, *refusal);
        co_return refusal_answer(*refusal);
    }
    log_done(action_id(sent.subject.act), *workspace, sent.by, holder->principal, sent.subject.request);
    co_return boost::json::object{};
}

}  // namespace curfew::notify::slack
