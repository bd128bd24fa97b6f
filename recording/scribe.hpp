// The one thread of a node that writes recordings: what the data path hands it becomes entries, and those
// become files.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "metrics/recording_metrics.hpp"
#include "recording/chunk.hpp"
#include "recording/doorbell.hpp"
#include "recording/live_watch.hpp"
#include "recording/ongoing.hpp"
#include "recording/ring.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

// Thread-safe, but for the rings: each has one producing thread.
class Scribe {
public:
    using Slot = std::uint32_t;  // of a session, from its beginning to its end

    // Of a node; all of it outlives this.
    struct Surroundings {
        RecordingStorage& storage;
        LiveWatch& live;
        const Clock& clock;
        metrics::RecordingMetrics& metrics;
        // Called on the recording thread, at most once a second, when what sessions are at may be something
        // else; may be empty.
        std::function<void()> statements_changed = {};
    };
    explicit Scribe(const Surroundings& surroundings);
    // Writes what there is, and ends the thread.
    ~Scribe();
    Scribe(const Scribe&) = delete;
    Scribe& operator=(const Scribe&) = delete;

    // A ring for one more producing thread, until stop(). `room_again`: as Ring has it.
    Ring& add_ring(std::function<void()> room_again);
    // For producers, after they have committed.
    Doorbell& bell() noexcept { return bell_; }

    // All functions that are handed over must be there and be quick. They are called on threads of its own;
    // after stop(), where nothing can be recorded any more, on the caller's.
    struct Opening {
        Beginning what;
        // Whether it may go on unrecorded where it cannot be written.
        config::OnRecordingFailure on_failure = config::OnRecordingFailure::end;
        // Once it stands in the recording that the session has started; before that nothing of it may be
        // pushed. unavailable: it cannot be recorded, and on_failure is `end`.
        std::function<void(Result<Slot>)> begun;
        // Later on it could not be written any more, and on_failure is `end`. At most once.
        std::function<void()> failed;
    };
    void begin(Opening opening);

    struct Closing {
        Slot slot = 0;
        BootInstant at{};
        entry::Ended ended;                         // without the last statement
        std::function<void(const Finished&)> done;  // all of it is on the disk, or could not be brought there
    };
    // Nothing of the session is pushed any more. What was is written, and its slot is free.
    void finish(Closing closing);

    // What the sessions that are being recorded are at; none for those that are at nothing. All at once: the
    // recording thread may be in the middle of something, which is waited for.
    std::map<SessionId, Transcript::Running> running_statements() const;

    // Writes what there is and ends the thread: nothing that is pushed is taken any more.
    void stop();

private:
    using Command = std::variant<Opening, Closing>;
    struct Session {
        std::unique_ptr<Ongoing> recording;
        std::function<void()> failed;
        bool touched = false;  // since the last time that all were looked through
        bool waits = false;    // has a place in waiting_
        bool told = false;     // that it failed
    };
    struct ToClose {
        Session session;
        Finished finished;
        std::function<void(const Finished&)> done;
    };
    struct Due {
        BootInstant at;
        Slot slot;
    };

    void run();
    enum class Worked { nothing, some, much };
    Worked work();
    void open(Opening opening);
    void close(Closing closing);
    void close_files();
    std::size_t drain_rings();
    void take(const Record& record, BootInstant now);
    void write_due(BootInstant now);
    void write(Slot slot, BootInstant now);
    void wait_for_due(Slot slot);
    void count(const Ongoing& recording, Ongoing::Amount before);
    void tell_of(Ongoing::Written written, Session& session);
    void tell_of_statements(BootInstant now);
    bool nothing_to_do();
    bool nothing_urgent();
    Slot free_slot();
    bool post(Command& command);

    const Surroundings around_;
    FrameCompressor compressor_;
    Doorbell bell_;

    mutable std::mutex commands_mutex_;
    std::vector<Command> commands_;
    bool stopping_ = false;

    // What the recordings are at is changed by the recording thread alone, and read by others.
    mutable std::mutex sessions_mutex_;
    std::vector<std::unique_ptr<Ring>> rings_;
    std::vector<Session> sessions_;  // by slot
    std::vector<Slot> free_slots_;

    // The recording thread's own.
    std::vector<Slot> touched_;
    std::deque<Due> waiting_;  // to be written, by when
    bool untold_ = false;      // what sessions are at
    BootInstant told_at_{};

    // A disk takes its time, which nobody else is to wait for.
    std::mutex closing_mutex_;
    std::condition_variable closing_changed_;
    std::deque<ToClose> closing_;
    bool closed_all_ = false;  // no more will come

    // Last: they run with everything above in place.
    std::vector<std::thread> closers_;
    std::thread thread_;
};

}  // namespace curfew::recording
