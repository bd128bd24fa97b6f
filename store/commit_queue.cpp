#include "store/commit_queue.hpp"

#include <pthread.h>

#include <exception>
#include <iterator>
#include <string>
#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"
#include "store/sqlite_events.hpp"
#include "store/sqlite_grants.hpp"
#include "store/sqlite_installation.hpp"

namespace curfew::store {
namespace {

using namespace std::chrono_literals;

// One commit's worth: what comes later does not wait for all of a flood.
constexpr std::size_t largest_batch = 512;

// Below this the difference between the store's clock and the wall clock is that of reading two clocks.
constexpr Duration notable_difference = 1s;

Error moved(const Connection& connection) {
    return {ErrorCode::unavailable,
            "The store " + connection.path().string() +
                " was moved or deleted while curfewd used it; put it back, or restart "
                "curfewd to begin with a new one"};
}

Error broken(const std::exception& failure) {
    return {ErrorCode::internal, failure.what()};
}

}  // namespace

CommitQueue::CommitQueue(std::unique_ptr<Connection> connection, const StoreClock& clock, Observer observer)
    : connection_{std::move(connection)}, clock_{clock}, observer_{std::move(observer)}, thread_{[this] {
          run();
      }} {
    (void)::pthread_setname_np(thread_.native_handle(), "curfew-store");
}

CommitQueue::~CommitQueue() {
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
        added_.notify_one();
    }
    thread_.join();
}

void CommitQueue::watch_events(EventStore::EventWatcher watcher) {
    const std::lock_guard lock{watching_};
    watcher_ = std::move(watcher);
}

void CommitQueue::add(std::unique_ptr<Operation> operation) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(operation));
    added_.notify_one();
}

void CommitQueue::run() {
    warn_of_clock();
    for (Batch batch = next_batch(); !batch.empty(); batch = next_batch()) {
        serve(batch);
        answer(batch);
        tell_of_events();
        warn_of_clock();
    }
    close();
}

CommitQueue::Batch CommitQueue::next_batch() {
    std::unique_lock lock{mutex_};
    added_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.size() <= largest_batch) return std::exchange(waiting_, {});
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(largest_batch);
    Batch batch{std::move_iterator{waiting_.begin()}, std::move_iterator{end}};
    waiting_.erase(waiting_.begin(), end);
    return batch;
}

void CommitQueue::serve(const Batch& batch) {
    bool writes = false;
    for (const auto& operation : batch)
        writes |= operation->writes();
    if (writes) {
        const auto error = write(batch);
        if (!error) return;
        for (const auto& operation : batch) {
            if (operation->writes()) operation->fail(*error);
        }
    }
    read(batch);
}

std::optional<Error> CommitQueue::write(const Batch& batch) {
    try {
        if (connection_->has_moved()) return moved(*connection_);
        connection_->execute("BEGIN IMMEDIATE");
        const StoreTime now = clock_.now();
        remember_time(*connection_, now);
        mark_passed_grants(*connection_, now);
        for (const auto& operation : batch)
            perform(*operation, now);
        const EventNumber last = last_event_number(*connection_);
        connection_->execute("COMMIT");
        last_event_ = last;
        return std::nullopt;
    } catch (const SQLite::Exception& failure) {
        Error error = connection_->explain(failure);
        connection_->roll_back();
        return error;
    } catch (const std::exception& failure) {
        connection_->roll_back();
        return broken(failure);
    }
}

void CommitQueue::read(const Batch& batch) {
    std::optional<Error> error;
    try {
        connection_->execute("BEGIN");
        const StoreTime now = clock_.now();
        for (const auto& operation : batch) {
            if (!operation->writes()) perform(*operation, now);
        }
        connection_->execute("COMMIT");
        return;
    } catch (const SQLite::Exception& failure) {
        error = connection_->explain(failure);
    } catch (const std::exception& failure) {
        error = broken(failure);
    }
    connection_->roll_back();
    for (const auto& operation : batch) {
        if (!operation->writes()) operation->fail(*error);
    }
}

void CommitQueue::perform(Operation& operation, const StoreTime& now) {
    connection_->execute("SAVEPOINT operation");
    bool keep = false;
    try {
        keep = operation.perform(*connection_, now);
    } catch (const SQLite::Exception& failure) {
        // Where SQLite gave the whole transaction up, so must we.
        if (!connection_->in_transaction()) throw;
        operation.fail(connection_->explain(failure));
    } catch (const std::exception& failure) {
        operation.fail(broken(failure));
    }
    if (!keep) connection_->execute("ROLLBACK TO operation");
    connection_->execute("RELEASE operation");
}

void CommitQueue::answer(const Batch& batch) {
    for (const auto& operation : batch) {
        if (observer_) observer_(operation->name(), std::chrono::steady_clock::now() - operation->asked_at());
        operation->answer();
    }
}

void CommitQueue::tell_of_events() {
    if (told_event_ == last_event_) return;
    told_event_ = last_event_;
    const std::lock_guard lock{watching_};
    if (watcher_) watcher_(last_event_);
}

void CommitQueue::warn_of_clock() {
    const Duration ahead = clock_.ahead_of_wall();
    const bool notable = ahead > notable_difference;
    if (notable && !warned_of_clock_) {
        log::warning("store.clock_ahead",
                     {{"path", connection_->path().string()},
                      {"ahead", format_duration(ahead)},
                      {"why",
                       "the wall clock was set back; grants are counted as if it had not been, so that none "
                       "lasts longer"}});
    }
    warned_of_clock_ = notable;
}

void CommitQueue::close() {
    // The last word on how far the clock has come; then SQLite moves its log into the database and deletes
    // it.
    if (const auto error = write({})) log::warning("store.close_failed", {{"why", error->message}});
    connection_.reset();
}

}  // namespace curfew::store
