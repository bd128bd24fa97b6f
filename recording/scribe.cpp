#include "recording/scribe.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "base/log.hpp"

namespace curfew::recording {

using namespace std::chrono_literals;

namespace {

// Much more than any chunk that is relayed takes, and what a worker may be ahead of the recording thread.
constexpr std::size_t ring_capacity = std::size_t{4} << 20U;
// So that it finds much to do at a time, and does not take the processor from those who relay too often:
// measured by bench/recording.
constexpr Duration doze_for = 20ms;
// Bytes in the rings at a time: whoever fills them so fast is not to wait for room.
constexpr std::size_t much = std::size_t{256} * 1024;
constexpr Duration sleep_at_most = 1h;
constexpr Duration tell_every = 1s;
// Of files at a time: what they wait for, a disk does together.
constexpr int closers = 4;

}  // namespace

Scribe::Scribe(const Surroundings& surroundings) : around_{surroundings} {
    for (int i = 0; i < closers; ++i)
        closers_.emplace_back([this] { close_files(); });
    thread_ = std::thread{[this] { run(); }};
}

Scribe::~Scribe() {
    stop();
}

void Scribe::stop() {
    {
        const std::lock_guard lock{commands_mutex_};
        stopping_ = true;
    }
    bell_.ring_hard();
    if (thread_.joinable()) thread_.join();
    {
        const std::lock_guard lock{closing_mutex_};
        closed_all_ = true;
    }
    closing_changed_.notify_all();
    for (std::thread& closer : closers_) {
        if (closer.joinable()) closer.join();
    }
}

Ring& Scribe::add_ring(std::function<void()> room_again) {
    const std::lock_guard lock{sessions_mutex_};
    return *rings_.emplace_back(std::make_unique<Ring>(ring_capacity, std::move(room_again)));
}

bool Scribe::post(Command& command) {
    {
        const std::lock_guard lock{commands_mutex_};
        if (stopping_) return false;
        commands_.push_back(std::move(command));
    }
    bell_.ring_hard();
    return true;
}

void Scribe::begin(Opening opening) {
    Command command{std::move(opening)};
    if (post(command)) return;
    std::get<Opening>(command).begun(Error{ErrorCode::unavailable, "Curfew is shutting down"});
}

void Scribe::finish(Closing closing) {
    Command command{std::move(closing)};
    if (!post(command)) std::get<Closing>(command).done({});
}

std::map<SessionId, Transcript::Running> Scribe::running_statements() const {
    std::map<SessionId, Transcript::Running> all;
    const std::lock_guard lock{sessions_mutex_};
    for (const Session& session : sessions_) {
        if (!session.recording) continue;
        if (auto running = session.recording->running())
            all.emplace(session.recording->session(), *std::move(running));
    }
    return all;
}

// --- The recording thread

void Scribe::run() {
    for (;;) {
        const Worked worked = work();
        {
            const std::lock_guard lock{commands_mutex_};
            if (stopping_ && commands_.empty() && worked == Worked::nothing) break;
        }
        const BootInstant now = around_.clock.boot_now();
        if (worked == Worked::much) continue;
        if (worked == Worked::some) {
            bell_.doze(doze_for, [this] { return nothing_urgent(); });
        } else {
            Duration at_most = sleep_at_most;
            if (!waiting_.empty()) at_most = waiting_.front().at - now;
            if (untold_) at_most = std::min<Duration>(at_most, told_at_ + tell_every - now);
            bell_.sleep(at_most, [this] { return nothing_to_do(); });
        }
    }
    // Those that were not brought to their end: what there is of them.
    for (const Session& session : sessions_) {
        if (session.recording) session.recording->write_now(around_.clock.boot_now());
    }
}

bool Scribe::nothing_urgent() {
    const std::lock_guard lock{commands_mutex_};
    return commands_.empty() && !stopping_;
}

bool Scribe::nothing_to_do() {
    if (!nothing_urgent()) return false;
    const std::lock_guard lock{sessions_mutex_};
    return std::all_of(rings_.begin(), rings_.end(), [](const auto& ring) { return ring->empty(); });
}

// In this order: of a session that is told to be over, everything is in its ring before that is told.
Scribe::Worked Scribe::work() {
    std::vector<Command> commands;
    {
        const std::lock_guard lock{commands_mutex_};
        commands.swap(commands_);
    }
    std::size_t drained = drain_rings();
    for (Command& command : commands) {
        if (auto* opening = std::get_if<Opening>(&command)) {
            open(std::move(*opening));
        } else {
            close(std::move(std::get<Closing>(command)));
        }
        // Each may wait for the disk; where many sessions end at once, others are not to wait for all of
        // them.
        drained += drain_rings();
    }
    write_due(around_.clock.boot_now());
    untold_ = untold_ || drained > 0;
    tell_of_statements(around_.clock.boot_now());
    if (drained > much) return Worked::much;
    return drained > 0 || !commands.empty() ? Worked::some : Worked::nothing;
}

void Scribe::tell_of_statements(BootInstant now) {
    if (!untold_ || now < told_at_ + tell_every) return;
    untold_ = false;
    told_at_ = now;
    if (around_.statements_changed) around_.statements_changed();
}

// How many bytes that were.
std::size_t Scribe::drain_rings() {
    const BootInstant now = around_.clock.boot_now();
    std::size_t bytes = 0;
    {
        const std::lock_guard lock{sessions_mutex_};
        for (const auto& ring : rings_)
            bytes += ring->drain(ring->capacity(), [&](const Record& record) { take(record, now); });
    }
    for (const Slot slot : std::exchange(touched_, {})) {
        sessions_[slot].touched = false;
        wait_for_due(slot);
    }
    return bytes;
}

void Scribe::take(const Record& record, BootInstant now) {
    if (record.head.slot >= sessions_.size()) return;
    Session& session = sessions_[record.head.slot];
    if (!session.recording) return;
    session.recording->take(record, now);
    if (std::exchange(session.touched, true)) return;
    touched_.push_back(record.head.slot);
}

// At once, or when it is due: at the end of the queue, since everything waits for equally long.
void Scribe::wait_for_due(Slot slot) {
    Session& session = sessions_[slot];
    const auto due = session.recording->due_at();
    if (!due) return;
    const BootInstant now = around_.clock.boot_now();
    if (*due <= now) {
        write(slot, now);
    } else if (!std::exchange(session.waits, true)) {
        waiting_.push_back({*due, slot});
    }
}

void Scribe::write_due(BootInstant now) {
    for (std::size_t left = waiting_.size(); left > 0 && waiting_.front().at <= now; --left) {
        const Slot slot = waiting_.front().slot;
        waiting_.pop_front();
        sessions_[slot].waits = false;
        // It may be over, and another one in its slot; or have been written meanwhile.
        if (sessions_[slot].recording) wait_for_due(slot);
    }
}

void Scribe::write(Slot slot, BootInstant now) {
    Session& session = sessions_[slot];
    const Ongoing::Amount before = session.recording->amount();
    const auto written = session.recording->write(now);
    count(*session.recording, before);
    tell_of(written, session);
    // What could not be written is tried again; what was added while it was written waits anew.
    const auto due = session.recording->due_at();
    if (due && !std::exchange(session.waits, true)) waiting_.push_back({*due, slot});
}

void Scribe::count(const Ongoing& recording, Ongoing::Amount before) {
    const Ongoing::Amount now = recording.amount();
    around_.metrics.written(now.entries - before.entries, now.bytes - before.bytes);
}

void Scribe::tell_of(Ongoing::Written written, Session& session) {
    const SessionId& id = session.recording->session();
    switch (written) {
        case Ongoing::Written::nothing:
            return;
        case Ongoing::Written::fine:
            around_.live.written(id);
            return;
        case Ongoing::Written::again:
            around_.live.written(id);
            log::warning("recording.goes_on", {{"session", id.text()}});
            return;
        case Ongoing::Written::failed:
            if (std::exchange(session.told, true)) return;
            around_.metrics.failed(metrics::RecordingFailure::write);
            log::error("recording.failed", {{"session", id.text()}, {"error", session.recording->problem()}});
            if (session.failed) session.failed();
    }
}

Scribe::Slot Scribe::free_slot() {
    if (!free_slots_.empty()) {
        const Slot slot = free_slots_.back();
        free_slots_.pop_back();
        return slot;
    }
    sessions_.emplace_back();
    return static_cast<Slot>(sessions_.size() - 1);
}

void Scribe::open(Opening opening) {
    Session session;
    session.recording = std::make_unique<Ongoing>(around_.storage, compressor_, std::move(opening.what));
    if (opening.on_failure == config::OnRecordingFailure::end) session.failed = std::move(opening.failed);
    const auto written = session.recording->write_now(around_.clock.boot_now());
    const auto failed_callback = std::exchange(session.failed, nullptr);  // not while it has not begun
    tell_of(written, session);
    if (written == Ongoing::Written::failed && opening.on_failure == config::OnRecordingFailure::end) {
        Error error{ErrorCode::unavailable, session.recording->problem()};
        session.recording->abandon();
        opening.begun(std::move(error));
        return;
    }
    session.failed = failed_callback;
    around_.metrics.sessions_changed(+1);
    count(*session.recording, {});
    Slot slot = 0;
    {
        const std::lock_guard lock{sessions_mutex_};
        slot = free_slot();
        session.waits = sessions_[slot].waits;  // of who was there before
        sessions_[slot] = std::move(session);
    }
    wait_for_due(slot);
    opening.begun(slot);
}

void Scribe::close(Closing closing) {
    Session session;
    {
        const std::lock_guard lock{sessions_mutex_};
        Session& place = sessions_[closing.slot];
        session = std::move(place);
        place = Session{};
        place.waits = session.waits;
        free_slots_.push_back(closing.slot);
    }
    const Ongoing::Amount before = session.recording->amount();
    Finished finished =
        session.recording->finish(std::move(closing.ended), closing.at, around_.clock.boot_now());
    count(*session.recording, before);
    session.failed = nullptr;  // it is over
    {
        const std::lock_guard lock{closing_mutex_};
        closing_.push_back({std::move(session), std::move(finished), std::move(closing.done)});
    }
    closing_changed_.notify_one();
}

void Scribe::close_files() {
    std::unique_lock lock{closing_mutex_};
    for (;;) {
        closing_changed_.wait(lock, [this] { return !closing_.empty() || closed_all_; });
        if (closing_.empty()) return;
        ToClose next = std::move(closing_.front());
        closing_.pop_front();
        lock.unlock();
        const Result<void> closed = next.session.recording->close(next.finished);
        tell_of(closed ? Ongoing::Written::fine : Ongoing::Written::failed, next.session);
        around_.metrics.sessions_changed(-1);
        next.done(next.finished);
        lock.lock();
    }
}

}  // namespace curfew::recording
