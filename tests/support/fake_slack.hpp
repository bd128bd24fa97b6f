// Slack, on a port of this machine: a SlackWorkspace behind HTTP and Socket Mode, and the people in it, whose
// presses and commands are signed as the real one signs them.
#pragma once

#include <boost/json/object.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/slack_workspace.hpp"
#include "support/timing.hpp"

namespace curfew::test {

// How the app answered a call of Slack's.
struct AppAnswer {
    int status = 0;
    std::string content_type;
    std::string body;
};

class FakeSlack {
public:
    FakeSlack();
    ~FakeSlack();
    FakeSlack(const FakeSlack&) = delete;
    FakeSlack& operator=(const FakeSlack&) = delete;

    // For `api_url`.
    std::string api_url() const;
    // Runs `look` while nothing changes.
    template <class Look>
    auto with(Look look) {
        const std::lock_guard lock{mutex_};
        return look(workspace_);
    }
    // Waits until `condition` is true of it. Throws, with what is there, if it does not become so.
    void await(const std::string& what, const std::function<bool(const SlackWorkspace&)>& condition);
    // The first message, there or to come, that shows all of these.
    SlackPost await_post(const std::vector<std::string>& shown);
    SlackWhisper await_whisper(const std::string& part);

    // What Slack sends when `user` presses this button of a message, and so on; a trigger_id that may be used
    // is in it.
    boost::json::object pressing(const SlackPost& post, const std::string& action_id,
                                 const std::string& user);
    boost::json::object sending_modal(const boost::json::object& view, const std::string& user,
                                      const std::string& duration, const std::string& comment);
    boost::json::object commanding(const std::string& text, const std::string& user);

    // Over HTTP, signed: an interaction, or a command. `changed` may spoil the headers and the body.
    struct Signed {
        std::string timestamp;
        std::string signature;
        std::string body;
    };
    static Signed sign_interaction(const boost::json::object& payload);
    static Signed sign_command(const boost::json::object& fields);
    static AppAnswer call(std::uint16_t port, const std::string& target, const Signed& call);

    // Through Socket Mode: sends it on a connection that is open, and gives what it was acknowledged with.
    boost::json::object through_socket(const std::string& type, const boost::json::object& payload);
    // Waits until as many connections are open.
    void await_sockets(std::size_t count);
    std::size_t sockets_opened() const;
    // Tells the oldest connection that it is about to be closed, and closes it once another one is open.
    void refresh_socket();
    // Closes them all without a word.
    void drop_sockets();

    // From now on answers of `method` are held back, after it was carried out, until let_go().
    void hold(const std::string& method);
    void await_held();
    void let_go();

private:
    struct Impl;
    struct Link;

    SlackWorkspace workspace_;  // under the mutex
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string held_method_;
    bool held_ = false;
    int triggers_ = 0;
    std::unique_ptr<Impl> impl_;
};

}  // namespace curfew::test
