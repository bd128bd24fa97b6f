#include "notify/slack/web_api.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <utility>

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

constexpr const char* json_type = "application/json; charset=utf-8";

CallFailure no_answer(std::string_view method, const Error& error) {
    CallFailure failure;
    failure.kind = CallFailure::Kind::later;
    failure.error = "no_answer";
    failure.message = fmt::format("Slack's {} was not answered: {}", method, error.message);
    return failure;
}

}  // namespace

Awaitable<Result<http::Response>> WebApi::exchange(http::Request request) {
    auto work = [&fetch = parts_.fetch, request = std::move(request)] { return fetch.fetch(request); };
    auto running = parts_.pool.run<http::Response>(std::move(work));
    auto response = co_await std::move(running);
    co_return response;
}

std::optional<CallFailure> WebApi::why_not_now(std::string_view method) const {
    const auto found = not_before_.find(method);
    const auto now = parts_.clock.boot_now();
    if (found == not_before_.end() || found->second <= now) return std::nullopt;
    CallFailure failure;
    failure.error = "ratelimited";
    failure.message = fmt::format("Slack asked to wait with {}", method);
    failure.retry_after = std::chrono::ceil<std::chrono::seconds>(found->second - now);
    return failure;
}

Awaitable<CallResult<json::object>> WebApi::carry_out(std::string method, http::Request request) {
    if (auto wait = why_not_now(method)) co_return std::move(*wait);
    request.url = api_url_ + "/" + method;
    request.authorization = Secret{"Bearer " + std::string{token_.reveal()}};  // to be sent
    auto exchanging = exchange(std::move(request));
    const auto response = co_await std::move(exchanging);
    if (!response) co_return no_answer(method, response.error());
    auto answer = read_answer(method, response->status, response->header("retry-after"), response->body);
    if (!answer && answer.error().retry_after)
        not_before_[method] = parts_.clock.boot_now() + *answer.error().retry_after;
    co_return answer;
}

Awaitable<CallResult<json::object>> WebApi::call(std::string method, json::object arguments) {
    http::Request request;
    request.content = http::Content{json_type, json::serialize(arguments)};
    return carry_out(std::move(method), std::move(request));
}

Awaitable<CallResult<json::object>> WebApi::ask(std::string method, http::Fields arguments) {
    http::Request request;
    request.form = std::move(arguments);
    return carry_out(std::move(method), std::move(request));
}

Awaitable<std::optional<CallFailure>> WebApi::respond(std::string response_url, json::object answer) {
    http::Request request;
    request.url = std::move(response_url);
    request.content = http::Content{json_type, json::serialize(answer)};
    auto exchanging = exchange(std::move(request));
    const auto response = co_await std::move(exchanging);
    if (!response) co_return no_answer("response_url", response.error());
    if (response->status == 200) co_return std::nullopt;
    CallFailure failure;
    failure.error = fmt::format("http_{}", response->status);
    failure.message = fmt::format("Slack took no answer at response_url: status {}", response->status);
    co_return failure;
}

}  // namespace curfew::notify::slack
