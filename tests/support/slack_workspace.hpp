// A workspace of Slack's, without a network: answers calls of its Web API as the real one does, and refuses
// what that refuses: a wrong token or content type, missing arguments or scopes, blocks that are none.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace curfew::test {

struct SlackPost {
    std::string channel;
    std::string ts;
    std::string thread;  // the `ts` of the message that it answers; empty: none
    bool broadcast = false;
    std::string text;
    boost::json::array blocks;
    boost::json::object metadata;
    int updates = 0;

    // Everything that it shows, as JSON text.
    std::string shown() const;
    // The button's, as an interaction has it; nullopt: it has no such button.
    std::optional<boost::json::object> button(const std::string& action_id) const;
};

// Something that one person alone sees.
struct SlackWhisper {
    std::string user;  // empty: by a response_url
    std::string channel;
    std::string text;
};

// One call, as it came.
struct SlackCall {
    std::string method;  // `chat.postMessage`
    std::string authorization;
    std::string content_type;
    std::string body;
};

struct SlackReply {
    int status = 200;
    std::string body;
    std::optional<int> retry_after;  // seconds
};

class SlackWorkspace {
public:
    static constexpr const char* team = "T0ACME001";
    static constexpr const char* channel = "C0DBATEAM";
    static constexpr const char* bot_token = "xoxb-1111-2222-not-a-real-one";
    static constexpr const char* app_token = "xapp-1-A0CURFEW1-not-a-real-one";
    static constexpr const char* signing_secret = "8f742231b10e8888abcd99yyyzzz85a5";

    SlackWorkspace();

    // Everything that is noted of it is in these.
    std::vector<SlackPost> posts;
    std::vector<SlackWhisper> whispers;
    std::vector<boost::json::object> modals;  // `view` of views.open
    std::vector<std::string> methods;         // that were called, in their order
    std::vector<std::string> problems;        // what the real one would have refused, or would never get

    std::set<std::string> scopes;
    std::set<std::string> channels{channel};           // that the app is in
    std::map<std::string, boost::json::object> users;  // as users.info has them
    std::set<std::string> triggers;                    // trigger_ids that may open a modal, once
    std::string socket_url;                            // what apps.connections.open gives
    // So many calls of a method from now on are answered 429, with that many seconds to wait.
    std::map<std::string, std::pair<int, int>> rate_limits;

    // A full member with a confirmed address.
    void add_user(const std::string& id, const std::string& name, const std::string& email);
    SlackReply answer(const SlackCall& call);

    const SlackPost* find(const std::string& channel_id, const std::string& ts) const;

private:
    using Arguments = boost::json::object;
    boost::json::object judge(const SlackCall& call);
    boost::json::object carry_out(const std::string& method, const Arguments& arguments);
    boost::json::object post_message(const Arguments& arguments);
    boost::json::object update(const Arguments& arguments);
    boost::json::object post_ephemeral(const Arguments& arguments);
    boost::json::object open_view(const Arguments& arguments);
    boost::json::object open_conversation(const Arguments& arguments);
    boost::json::object history(const Arguments& arguments, bool replies) const;
    boost::json::object user_info(const Arguments& arguments) const;
    boost::json::object user_by_email(const Arguments& arguments) const;
    bool may_post_in(const std::string& channel_id) const;
    bool shows(const boost::json::object& arguments);

    std::map<std::string, std::string> direct_;  // user -> channel
    int last_ts_ = 100;
};

// What stands between '=' and '&', decoded; fails where the form is not encoded as it has to be.
std::optional<boost::json::object> read_slack_form(const std::string& body);

}  // namespace curfew::test
