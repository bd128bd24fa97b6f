#include "store/sql/commit_queue.hpp"

#include <pthread.h>

#include <exception>
#include <iterator>
#include <string>
#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sql/grants.hpp"
#include "store/sql/installation.hpp"

namespace curfew::store {
namespace {

using namespace std::chrono_literals;

// One commit's worth: what comes later does not wait for all of a flood.
constexpr std::size_t largest_batch = 512;

// Below this the difference between the store's clock and the wall clock is that of reading two clocks.
constexpr Duration notable_difference = 1s;

}  // namespace

CommitQueue::CommitQueue(std::unique_ptr<Connection> connection, Observer observer)
    : connection_{std::move(connection)}, observer_{std::move(observer)}, thread_{[this] { run(); }} {
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
        const StoreTime now = connection_->begin(Access::write);
        const EventNumber before = follow_chain();
        remember_time(*connection_, now);
        mark_passed_grants(*connection_, now);
        for (const auto& operation : batch)
            perform(*operation, now);
        const EventNumber last = follow_chain();
        connection_->known_chain_head().reset();
        connection_->commit(last == before ? std::nullopt : std::optional{last});
        last_event_ = last;
        return std::nullopt;
    } catch (const std::exception& failure) {
        Error error = connection_->explain(failure);
        connection_->known_chain_head().reset();
        connection_->roll_back();
        return error;
    }
}

// The number of the last event there is. Looked up where it is not known, once for many events that follow.
EventNumber CommitQueue::follow_chain() {
    std::optional<ChainHead>& head = connection_->known_chain_head();
    if (!head) head = chain_head(*connection_);
    return head->number;
}

void CommitQueue::read(const Batch& batch) {
    const auto each_reading = [&batch](const auto& act) {
        for (const auto& operation : batch) {
            if (!operation->writes()) act(*operation);
        }
    };
    try {
        const StoreTime now = connection_->begin(Access::read);
        each_reading([&](Operation& operation) { perform(operation, now); });
        connection_->commit(std::nullopt);
    } catch (const std::exception& failure) {
        const Error error = connection_->explain(failure);
        connection_->roll_back();
        each_reading([&](Operation& operation) { operation.fail(error); });
    }
}

void CommitQueue::perform(Operation& operation, const StoreTime& now) {
    connection_->execute("SAVEPOINT operation");
    bool keep = false;
    try {
        keep = operation.perform(*connection_, now);
    } catch (const std::exception& failure) {
        // Where the database gave the whole transaction up, so must we.
        if (!connection_->in_transaction()) throw;
        operation.fail(connection_->explain(failure));
    }
    if (!keep) {
        connection_->known_chain_head().reset();
        connection_->execute("ROLLBACK TO operation");
    }
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
    watchers_.tell(last_event_);
}

void CommitQueue::warn_of_clock() {
    const Duration ahead = connection_->clock_ahead();
    const bool notable = ahead > notable_difference;
    if (notable && !warned_of_clock_) {
        log::warning("store.clock_ahead",
                     {{"path", connection_->name()},
                      {"ahead", format_duration(ahead)},
                      {"why",
                       "the wall clock was set back; grants are counted as if it had not been, so that none "
                       "lasts longer"}});
    }
    warned_of_clock_ = notable;
}

void CommitQueue::close() {
    // The last word on how far the clock has come.
    if (const auto error = write({})) log::warning("store.close_failed", {{"why", error->message}});
    connection_.reset();
}

}  // namespace curfew::store
