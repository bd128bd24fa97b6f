// What Slack's Web API answers, and what follows from it (https://docs.slack.dev/apis/web-api).
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew::notify::slack {

// Why a call did not do what it was to do.
struct CallFailure {
    enum class Kind {
        later,    // Slack is busy, away or asks to wait: the same may work later
        setting,  // an administrator has to change something: a token, a scope, an invitation to the channel
        request,  // it will never work as it is: a bug, or what it was about is gone
    };

    Kind kind = Kind::later;
    std::string error;    // Slack's word: `channel_not_found`; `http_503`, `no_answer` are ours
    std::string message;  // for people: what it means, and what to do
    std::optional<std::chrono::seconds> retry_after;
};

template <class T>
using CallResult = boost::system::result<T, CallFailure>;
// Found by CallResult<T>::value() when it holds a failure.
[[noreturn]] void throw_exception_from_error(const CallFailure& failure, const boost::source_location&);

// `method`: `chat.postMessage` …, for the message. `retry_after`: the header's value; may be empty.
CallResult<boost::json::object> read_answer(std::string_view method, int status, std::string_view retry_after,
                                            std::string_view body);

// `Retry-After` in seconds, an hour at most; nullopt: it says nothing.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text);

}  // namespace curfew::notify::slack
