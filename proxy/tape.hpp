// What a recorded session hands to the recording thread, message by message and before it is passed on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "metrics/recording_metrics.hpp"
#include "policy/recording_mode.hpp"
#include "protocol/postgres/message_tap.hpp"
#include "proxy/event.hpp"
#include "proxy/recording_rules.hpp"
#include "recording/ring.hpp"
#include "recording/scribe.hpp"
#include "recording/transcript.hpp"

namespace curfew::proxy {

// Those who wait until there is room again in their thread's ring. Belongs to that thread.
class RoomQueue {
public:
    void add(Event& event) { waiting_.push_back(&event); }
    void remove(Event& event) { std::erase(waiting_, &event); }
    void told() {
        for (Event* event : waiting_)
            event->notify();
    }

private:
    std::vector<Event*> waiting_;
};

// The recording thread's end of things, for the sessions of one worker.
struct RecordingRoom {
    recording::Scribe& scribe;
    recording::Ring& ring;
    RoomQueue& waiting;
    metrics::RecordingMetrics& metrics;
};

// Belongs to its session's thread. Takes no lock, and allocates nothing for what passes.
class Tape {
public:
    struct Options {
        recording::Scribe::Slot slot = 0;
        std::shared_ptr<const RecordingRules> rules;
        policy::RecordingMode mode = policy::RecordingMode::statements;
        std::function<void()> failed;  // there was none for so long, and on_failure is `end`
    };
    Tape(const RecordingRoom& room, const Clock& clock, const boost::asio::any_io_executor& executor,
         Options options);

    // Hands over all of `bytes`. False: there is no room for the rest of them, which must stay valid until
    // all_from_client() or all_from_server() has returned.
    bool take_from_client(std::string_view bytes) { return take(client_, bytes); }
    bool take_from_server(std::string_view bytes) { return take(server_, bytes); }
    // Returns once the rest is handed over. False: it will not be, since the session is at its end.
    boost::asio::awaitable<bool> all_from_client() { return take_rest(client_); }
    boost::asio::awaitable<bool> all_from_server() { return take_rest(server_); }
    // Whoever waits for room goes on.
    void interrupt();

    // A message of Curfew's own to the client, a notice or an error. Where there is no room for it, it is
    // left out.
    void said(std::string_view message);
    void cancel_asked();
    // Hands over what was only counted so far. Nothing is taken afterwards.
    void finish();

    recording::Scribe::Slot slot() const noexcept { return options_.slot; }

private:
    struct Side {
        Side(const postgres::TapPlan& plan, recording::Transcript::From from_,
             const boost::asio::any_io_executor& executor)
            : tap{plan}, room{executor}, from{from_} {}

        postgres::MessageTap tap;
        Event room;
        recording::Transcript::From from;
        std::string_view rest;   // of what is being handed over
        std::uint64_t lost = 0;  // bytes that are in no record, since there was no room for them
        bool lossy = false;      // until a message begins that there is room for
    };

    bool take(Side& side, std::string_view bytes);
    boost::asio::awaitable<bool> take_rest(Side& side);
    bool put(Side& side, const postgres::TappedPiece& piece, BootInstant now);
    bool put_after_loss(Side& side, const postgres::TappedPiece& piece, BootInstant now);
    bool push(recording::RecordHead head, std::string_view bytes);
    recording::RecordHead head_of(recording::RecordKind kind, const Side& side, BootInstant now) const;
    void commit();
    boost::asio::awaitable<bool> await_room(Side& side);

    recording::Scribe& scribe_;
    recording::Ring& ring_;
    RoomQueue& waiting_;
    metrics::RecordingMetrics& metrics_;
    const Clock& clock_;
    Options options_;
    Side client_;
    Side server_;
    bool pushed_ = false;  // since the last commit
    bool interrupted_ = false;
};

}  // namespace curfew::proxy
