// What Slack calls: buttons and modals, and `/curfew`. Nobody signs in for it; the signature says that it is
// Slack, and who acted is in what it says.
#include <boost/json/object.hpp>
#include <string>
#include <utility>

#include "api/operations.hpp"
#include "api/problem.hpp"
#include "base/log.hpp"
#include "notify/slack/reception.hpp"

namespace curfew::api {
namespace {

using notify::slack::HttpCall;
using notify::slack::Reception;

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

// The value of a header that must stand there exactly once; empty otherwise.
std::string single_header(const Request& request, std::string_view name) {
    const auto [first, last] = request.equal_range({name.data(), name.size()});
    if (first == last || std::next(first) != last) return {};
    return std::string{view_of(first->value())};
}

// With parameters (`; charset=utf-8`) or without.
bool is_form(const Request& request) {
    const auto type = view_of(request[http::field::content_type]);
    return type.substr(0, type.find(';')) == form_type;
}

Response refusal_of(const Call& call, const Error& error) {
    log::warning("slack.call_refused",
                 {{"notifier", call.id}, {"from", call.peer.address}, {"error", error.message}});
    return error.code == ErrorCode::forbidden ? unauthenticated(error.message) : problem(error);
}

Awaitable<Reply> receive(Reception& reception, HttpCall::Kind kind, Call call) {
    if (!is_form(call.request)) {
        const Error no_form{ErrorCode::invalid, "Slack's calls are forms (" + std::string{form_type} + ")"};
        co_return refusal_of(call, no_form);
    }
    HttpCall slack_call;
    slack_call.kind = kind;
    slack_call.notifier = call.id;
    slack_call.timestamp = single_header(call.request, "X-Slack-Request-Timestamp");
    slack_call.signature = single_header(call.request, "X-Slack-Signature");
    slack_call.body = call.request.body();
    auto receiving = reception.receive(std::move(slack_call));
    const auto answer = co_await std::move(receiving);
    if (!answer) co_return refusal_of(call, answer.error());
    // It arrived, and there is nothing to be said: a modal closes, a command shows nothing.
    if (answer->empty()) co_return make_response(http::status::ok, "text/plain", "");
    co_return json_response(http::status::ok, *answer);
}

}  // namespace

void add_slack_operations(Router& router, Reception& reception) {
    const auto add = [&](const char* path, HttpCall::Kind kind) {
        router.add({http::verb::post, path, {Access::anyone, {}}},
                   [&reception, kind](Call call) { return receive(reception, kind, std::move(call)); });
    };
    add("/slack/{notifier}/interactions", HttpCall::Kind::interaction);
    add("/slack/{notifier}/commands", HttpCall::Kind::command);
}

}  // namespace curfew::api
