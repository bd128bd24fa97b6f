// The thread that a connection's work is done on, many things to one commit.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/event_watchers.hpp"
#include "store/events.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

// One thing asked of the store. Made by the asker's thread, then used by the store's alone.
class Operation {
public:
    // `name` must be a literal.
    Operation(std::string_view name, Access access) : name_{name}, access_{access} {}
    virtual ~Operation() = default;
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    // Does it and keeps the outcome; false if it came to an error, and what it wrote is not to stay. What
    // only reads may be done again. May throw what the connection explains.
    virtual bool perform(Connection& connection, const StoreTime& now) = 0;
    // Makes this the outcome, whatever it was.
    virtual void fail(const Error& error) = 0;
    // Gives the outcome to the asker, on the asker's executor. The last call.
    virtual void answer() = 0;

    std::string_view name() const noexcept { return name_; }
    bool writes() const noexcept { return access_ == Access::write; }
    std::chrono::steady_clock::time_point asked_at() const noexcept { return asked_at_; }

private:
    std::string_view name_;
    Access access_;
    std::chrono::steady_clock::time_point asked_at_ = std::chrono::steady_clock::now();
};

// Group commit: what is waiting when the thread comes to it is done in one transaction, each operation under
// a savepoint of its own, and answered once that is on the disk. So a flush costs one wait for all of them,
// and an answer is a promise. Where the commit fails, everything in it that writes fails.
class CommitQueue {
public:
    // Told how long an operation took, from being asked to its answer. Called on the store's thread.
    using Observer = std::function<void(std::string_view operation, Duration took)>;

    CommitQueue(std::unique_ptr<Connection> connection, Observer observer);
    // Does and answers all that was added, and closes the database.
    ~CommitQueue();
    CommitQueue(const CommitQueue&) = delete;
    CommitQueue& operator=(const CommitQueue&) = delete;

    // Told of the events that are committed here.
    EventWatchers& watchers() noexcept { return watchers_; }

    // Never blocks for longer than it takes to put it into the queue. Thread-safe.
    void add(std::unique_ptr<Operation> operation);

private:
    using Batch = std::vector<std::unique_ptr<Operation>>;

    void run();
    // Waits for something to do; empty when there will be nothing any more.
    Batch next_batch();
    void serve(const Batch& batch);
    // Everything in the batch, in one transaction that writes; the error if it did not come to a commit.
    std::optional<Error> write(const Batch& batch);
    // What only reads, in one transaction that does.
    void read(const Batch& batch);
    void perform(Operation& operation, const StoreTime& now);
    EventNumber follow_chain();
    void answer(const Batch& batch);
    void tell_of_events();
    void warn_of_clock();
    void close();

    std::unique_ptr<Connection> connection_;
    const Observer observer_;
    bool warned_of_clock_ = false;
    EventNumber last_event_ = 0;  // that is committed
    EventNumber told_event_ = 0;

    EventWatchers watchers_;

    std::mutex mutex_;
    std::condition_variable added_;
    Batch waiting_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace curfew::store
