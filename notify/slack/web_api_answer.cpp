#include "notify/slack/web_api_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "notify/slack/json_reading.hpp"

namespace curfew::notify::slack {
namespace {

using Kind = CallFailure::Kind;

constexpr std::chrono::hours longest_wait{1};
constexpr std::size_t longest_error_word = 80;

struct Known {
    std::string_view error;
    Kind kind;
    std::string_view means;
};

constexpr std::array known_errors{
    Known{"ratelimited", Kind::later, "Slack asks to wait"},
    Known{"rate_limited", Kind::later, "Slack asks to wait"},
    Known{"internal_error", Kind::later, "something is wrong at Slack"},
    Known{"fatal_error", Kind::later, "something is wrong at Slack"},
    Known{"service_unavailable", Kind::later, "Slack is away"},
    Known{"request_timeout", Kind::later, "Slack did not get the whole request in time"},
    Known{"team_added_to_org", Kind::later, "the workspace is being moved to an organisation"},
    Known{"invalid_auth", Kind::setting, "the token is not good; copy it from the app's settings again"},
    Known{"not_authed", Kind::setting, "no token was sent; set one"},
    Known{"token_revoked", Kind::setting, "the token was revoked; install the app to the workspace again"},
    Known{"token_expired", Kind::setting, "the token has expired; switch token rotation off for the app"},
    Known{"account_inactive", Kind::setting, "the app was removed from the workspace; install it again"},
    Known{"not_allowed_token_type", Kind::setting,
          "the token is of the wrong sort: bot_token begins with xoxb-, app_token with xapp-"},
    Known{"no_permission", Kind::setting, "the app may not do this; look at its scopes"},
    Known{"missing_scope", Kind::setting, "the app lacks a scope; add it and install the app again"},
    Known{"channel_not_found", Kind::setting,
          "there is no such channel that the app may see; check its identifier, and invite the app"},
    Known{"not_in_channel", Kind::setting, "the app is not in the channel; invite it"},
    Known{"is_archived", Kind::setting, "the channel is archived; set another one"},
    Known{"restricted_action", Kind::setting, "the workspace does not let the app post there"},
    Known{"team_access_not_granted", Kind::setting, "the app has no access to this workspace"},
    Known{"access_denied", Kind::setting, "the app may not do this"},
};

CallFailure failure_of(std::string_view method, Kind kind, std::string_view error, std::string_view means) {
    CallFailure failure;
    failure.kind = kind;
    failure.error = printable(error, longest_error_word);
    failure.message = fmt::format("Slack's {} said {}: {}", method, failure.error, means);
    return failure;
}

CallFailure named_failure(std::string_view method, const boost::json::object& body) {
    const auto error = text_of(body, "error");
    const auto* const known = std::find_if(known_errors.begin(), known_errors.end(),
                                           [&](const Known& one) { return one.error == error; });
    if (known == known_errors.end()) {
        return failure_of(method, Kind::request, error.empty() ? "nothing" : error,
                          "it does not take this call as it is");
    }
    auto failure = failure_of(method, known->kind, error, known->means);
    const auto needed = text_of(body, "needed");
    if (!needed.empty()) failure.message += fmt::format(" ({})", printable(needed, longest_error_word));
    return failure;
}

}  // namespace

void throw_exception_from_error(const CallFailure& failure, const boost::source_location&) {
    throw std::runtime_error(failure.message);
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) {
    long long seconds = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || wrong != std::errc{} || end != text.data() + text.size() || seconds < 0)
        return std::nullopt;
    return std::min<std::chrono::seconds>(std::chrono::seconds{std::min(seconds, 1'000'000LL)}, longest_wait);
}

CallResult<boost::json::object> read_answer(std::string_view method, int status, std::string_view retry_after,
                                            std::string_view body) {
    if (status == 429 || status >= 500) {
        auto failure = failure_of(method, Kind::later, fmt::format("http_{}", status),
                                  status == 429 ? "it asks to wait" : "it is away");
        failure.retry_after = parse_retry_after(retry_after);
        return failure;
    }
    auto answer = read_object(body);
    if (!answer) {
        return failure_of(method, Kind::later, fmt::format("http_{}", status),
                          "that is no answer of Slack's; see whether a proxy is in between");
    }
    if (flag_of(*answer, "ok")) return std::move(*answer);
    auto failure = named_failure(method, *answer);
    failure.retry_after = parse_retry_after(retry_after);
    return failure;
}

}  // namespace curfew::notify::slack
