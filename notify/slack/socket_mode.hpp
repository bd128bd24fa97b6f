// Socket Mode: Slack's calls, through a connection that this node opens.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "notify/slack/envelope.hpp"
#include "notify/slack/socket_connection.hpp"
#include "notify/slack/workspace.hpp"
#include "proxy/event.hpp"
#include "proxy/task_group.hpp"

namespace curfew::notify::slack {

// How long after the last failure it is tried again: longer each time, with a part that is random, so that
// the nodes of a fleet do not all come at once. `failures`: how many in a row, 1 or more; `random`: 0 to 1.
Duration reconnect_after(unsigned failures, double random);

// Keeps one connection open. Where Slack says that it is about to close it, another one is opened first.
// Belongs to its executor's thread.
class SocketMode {
public:
    // Gives what to acknowledge an envelope with.
    using Handle = std::function<Awaitable<boost::json::object>(Envelope)>;

    SocketMode(const boost::asio::any_io_executor& executor, std::shared_ptr<Workspace> workspace,
               Handle handle, SocketOptions options = {});

    // Until stop() was called, and everything that was under way is over.
    static Awaitable<void> run(std::shared_ptr<SocketMode> self);
    void stop() noexcept;

private:
    using Connection = std::shared_ptr<SocketConnection>;

    Awaitable<Result<Connection>> connect();
    static Awaitable<void> serve(std::shared_ptr<SocketMode> self, Connection connection);
    static Awaitable<void> answer(std::shared_ptr<SocketMode> self, Connection connection, Envelope envelope);
    void take(const Envelope& envelope);
    void note_failure(const Error& failure);
    // As long as the failures so far call for.
    Awaitable<void> pause();
    void forget(const Connection& connection);

    const boost::asio::any_io_executor executor_;
    const std::shared_ptr<Workspace> workspace_;
    const Handle handle_;
    const SocketOptions options_;
    proxy::TaskGroup tasks_;
    proxy::Event changed_;  // a connection is wanted, or nothing any more
    std::vector<Connection> connections_;
    Connection opening_;  // null: none is
    bool wanted_ = true;  // another connection
    bool stopping_ = false;
    unsigned failures_ = 0;  // in a row
};

}  // namespace curfew::notify::slack
