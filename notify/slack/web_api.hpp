// Slack's Web API, as an app calls it (https://docs.slack.dev/apis/web-api).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "http/fetch.hpp"
#include "http/worker_pool.hpp"
#include "notify/slack/web_api_answer.hpp"

namespace curfew::notify::slack {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// What calls are made with. All outlive who makes them.
struct CallParts {
    http::Fetch& fetch;
    http::WorkerPool& pool;
    const Clock& clock;
};

// Calls with one token. A method that Slack asks to wait with is not called before: it fails at once, with
// what is left to wait. Belongs to one executor.
class WebApi {
public:
    // `api_url`: `https://slack.com/api`.
    WebApi(std::string api_url, Secret token, CallParts parts)
        : api_url_{std::move(api_url)}, token_{std::move(token)}, parts_{parts} {}

    // For methods that take JSON.
    Awaitable<CallResult<boost::json::object>> call(std::string method, boost::json::object arguments);
    // For those that take a form alone, which are the ones that read.
    Awaitable<CallResult<boost::json::object>> ask(std::string method, http::Fields arguments);
    // To a response_url; whoever has that may answer, so that no token goes along. nullopt: it was taken.
    Awaitable<std::optional<CallFailure>> respond(std::string response_url, boost::json::object answer);

private:
    Awaitable<Result<http::Response>> exchange(http::Request request);
    Awaitable<CallResult<boost::json::object>> carry_out(std::string method, http::Request request);
    std::optional<CallFailure> why_not_now(std::string_view method) const;

    const std::string api_url_;
    const Secret token_;
    const CallParts parts_;
    std::map<std::string, BootInstant, std::less<>> not_before_;  // by method
};

}  // namespace curfew::notify::slack
