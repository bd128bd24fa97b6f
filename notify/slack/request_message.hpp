// A request as a message of Slack's: Block Kit, within its limits.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "policy/request.hpp"

namespace curfew::notify::slack {

// Approvals that a PENDING request still needs by one rule.
struct Awaited {
    unsigned approvals = 0;      // that are there
    unsigned wanted = 0;         // in all
    policy::GroupNames missing;  // that have to approve, each; may be empty
    policy::GroupNames groups;   // whose members may
};

// What a message says of a request.
struct RequestCard {
    policy::Request request;
    std::string requester_name;                 // for people to read; may be empty
    std::vector<Awaited> awaited;               // while PENDING
    std::optional<WallInstant> access_ends_at;  // as its grant stands; absent: there is none
    bool has_access = false;                    // the grant is neither over nor revoked
    std::string url;                            // of its page; empty: there is none
};

struct SlackMessage {
    std::string text;  // for notifications, and where blocks cannot be shown
    boost::json::array blocks;
};

// Whether a message shows all of a command, so that it can be approved there.
bool is_shown_whole(const policy::Command& command);

// With buttons for what its state allows: whether somebody may is judged when they press one. The buttons
// carry the request's identifier and nothing else.
SlackMessage request_message(const RequestCard& card);

// `alice asks for prod-postgres for 2h`, `alice broke the glass on prod-postgres`, in plain text.
std::string headline(const RequestCard& card);

// A few lines with a link to the request's page, for one person or for the thread of a message. `text`:
// plain.
SlackMessage plain_message(std::string_view text, std::string_view url);

}  // namespace curfew::notify::slack
