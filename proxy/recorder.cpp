#include "proxy/recorder.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "proxy/task_group.hpp"

namespace curfew::proxy {

using namespace std::chrono_literals;

namespace {

constexpr Duration try_again_after = 250ms;

}  // namespace

Recorder::Recorder(boost::asio::any_io_executor control, store::Store& store)
    : control_{std::move(control)}, store_{store}, changed_{control_} {}

void Recorder::ending(SessionId id, policy::EndCause cause) {
    add(Ending{std::move(id), cause});
}

void Recorder::ended(store::SessionEnd end) {
    add(std::move(end));
}

void Recorder::add(Note note) {
    boost::asio::post(control_, [this, note = std::move(note)]() mutable {
        waiting_.push_back(std::move(note));
        changed_.notify();
    });
}

boost::asio::awaitable<void> Recorder::run() {
    for (;;) {
        if (waiting_.empty()) {
            if (stopping_) co_return;
            co_await changed_.wait();
            continue;
        }
        const std::size_t before = waiting_.size();
        co_await write_all();
        if (waiting_.empty() || waiting_.size() < before) continue;
        if (stopping_ && std::chrono::steady_clock::now() >= give_up_at_) {
            log::error("session.unrecorded", {{"ends", waiting_.size()},
                                              {"why",
                                               "the store did not take them; the next start of curfewd "
                                               "looks for these sessions' backends"}});
            co_return;
        }
        co_await changed_.wait_for(try_again_after);
    }
}

void Recorder::stop(Duration at_most) {
    stopping_ = true;
    give_up_at_ = std::chrono::steady_clock::now() + at_most;
    changed_.notify();
}

// Together, so that the store can write them in one transaction; it keeps their order.
boost::asio::awaitable<void> Recorder::write_all() {
    std::vector<std::optional<Note>> notes;
    for (Note& note : std::exchange(waiting_, {}))
        notes.emplace_back(std::move(note));
    TaskGroup writes{control_};
    for (std::optional<Note>& note : notes)
        writes.spawn(write(note));
    co_await writes.join();
    // What is left was said before what came meanwhile.
    std::vector<Note> left;
    for (std::optional<Note>& note : notes) {
        if (note) left.push_back(std::move(*note));
    }
    left.insert(left.end(), std::make_move_iterator(waiting_.begin()),
                std::make_move_iterator(waiting_.end()));
    waiting_ = std::move(left);
}

// Takes it out, unless it is to be tried again.
boost::asio::awaitable<void> Recorder::write(std::optional<Note>& note) {
    Result<void> written;
    SessionId id = std::visit([](const auto& one) { return one.id; }, *note);
    if (is_early_ && is_early_(id)) co_return;
    if (const auto* ending = std::get_if<Ending>(&*note)) {
        written = co_await store_.session_ending(ending->id, ending->cause);
    } else {
        const auto& end = std::get<store::SessionEnd>(*note);
        written = co_await store_.session_ended(end);
    }
    if (!written && written.error().code == ErrorCode::unavailable) co_return;
    note.reset();
    if (!written)
        log::error("session.unrecorded", {{"session", id.text()}, {"error", written.error().message}});
}

}  // namespace curfew::proxy
