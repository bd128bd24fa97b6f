// Writes down how sessions end, however long the store is away.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "policy/end_cause.hpp"
#include "proxy/event.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

// The end of a session does not wait for the store; its record may. What could not be written is tried again
// until it can be. Belongs to the control thread, but for the two functions that say otherwise.
class Recorder {
public:
    Recorder(boost::asio::any_io_executor control, store::Store& store);

    // What is said of a session that `is_early` is true of waits until it is not: the store does not know
    // that session yet. `is_early` is called on the control thread, and so is this.
    void keep_back(std::function<bool(const SessionId&)> is_early) { is_early_ = std::move(is_early); }

    // Thread-safe; in the order in which they are called for one session.
    void ending(SessionId id, policy::EndCause cause);
    void ended(store::SessionEnd end);

    // Runs until stop(). Once only.
    boost::asio::awaitable<void> run();
    // Ends run(), once everything is written or `at_most` has passed; what was not written is said in the log
    // and found by the next start, which looks for the session's backend.
    void stop(Duration at_most);

private:
    struct Ending {
        SessionId id;
        policy::EndCause cause;
    };
    using Note = std::variant<Ending, store::SessionEnd>;

    void add(Note note);
    boost::asio::awaitable<void> write_all();
    boost::asio::awaitable<void> write(std::optional<Note>& note);

    boost::asio::any_io_executor control_;
    store::Store& store_;
    Event changed_;
    std::function<bool(const SessionId&)> is_early_;
    std::vector<Note> waiting_;
    bool stopping_ = false;
    std::chrono::steady_clock::time_point give_up_at_;
};

}  // namespace curfew::proxy
