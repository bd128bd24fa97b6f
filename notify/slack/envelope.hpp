// What comes through the WebSocket of Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode).
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew::notify::slack {

struct Envelope {
    enum class Kind {
        hello,          // the connection is up
        disconnect,     // it is about to be closed
        interactive,    // as POST …/interactions
        slash_command,  // as POST …/commands
        other,          // to be acknowledged, and no more
    };

    Kind kind = Kind::other;
    std::string id;                 // to acknowledge it by; empty of hello and disconnect
    std::string reason;             // of disconnect: `warning`, `refresh_requested`, `link_disabled` …
    bool takes_an_answer = false;   // accepts_response_payload
    boost::json::object payload{};  // of interactive and slash_command
};

// invalid: no envelope of Slack's.
Result<Envelope> parse_envelope(std::string_view text);

// Slack sends an envelope again that is not acknowledged within three seconds. `answer`: what an HTTP call
// would be answered with; may be empty.
std::string acknowledgement(std::string_view envelope_id, const boost::json::object& answer);

}  // namespace curfew::notify::slack
