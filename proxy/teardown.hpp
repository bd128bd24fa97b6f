// The end of a session's backend, decided step by step.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/backend_admin.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

// Pure: holds no socket and no clock; the session tells it what happened and does what it answers. From the
// start of the teardown the session has stopped taking bytes from the client, drains and discards whatever
// the backend still sends, and has shut its side of the connection down, so that a backend that comes back to
// read finds the end.
//
// With an administrative login: terminate, guarded by pid and start, and look until the row has left
// pg_stat_activity; asked again every `ask_again` while the backend lives on. Where that does not work (no
// admin login, no start known, PostgreSQL refuses, the connection is down) and beside it where it takes
// longer than `cancel_after`: CancelRequest, repeated with growing pauses until the backend's socket reaches
// its end.
//
// Gone means: its socket reached EOF *and*, with an admin login that knows it, its row has left. When the
// socket has ended but the admin login does not answer for `give_up_looking`, the end is recorded as seen by
// EOF, and says so; as unconfirmed where the row was last seen to outlive the socket. A backend whose socket
// stays open, or whose row is seen time and again, is never given up on: it is asked and cancelled for as
// long as the session lives. Nor is one whose connection was lost without its having ended (a network that is
// cut): that says nothing about the backend, and only its row can.
class BackendEnd {
public:
    static constexpr Duration ask_again = std::chrono::seconds{1};
    // The same where the administrative connection is down: it may be back sooner.
    static constexpr Duration ask_again_when_down = std::chrono::milliseconds{250};
    static constexpr Duration cancel_after = std::chrono::milliseconds{250};
    static constexpr Duration give_up_looking = std::chrono::seconds{30};
    // From one CancelRequest's end to the next one: doubled each time.
    static constexpr Duration shortest_cancel_pause = std::chrono::milliseconds{20};
    static constexpr Duration longest_cancel_pause = std::chrono::seconds{1};

    struct Situation {
        bool connected = false;         // there is an upstream socket that has not ended
        bool identified = false;        // pid and start are known, and there is an admin login
        bool admin_configured = false;  // whether or not it could identify the backend
        bool cancellable = false;       // a cancel key is known
        // Nothing runs, so that the end of our side is all that the backend waits for: the first
        // CancelRequest waits a little, and mostly is not needed. Being wrong costs `shortest_cancel_pause`.
        bool idle = false;
    };

    // What to do now. Several may be given at once; each is done once and answered by the on_… of its name.
    // Of each kind no second one is given before the first was answered.
    struct Terminate {};  // BackendAdmin::terminate, then on_terminated
    struct Look {};       // BackendAdmin::is_running, then on_looked
    struct Cancel {};     // a CancelRequest on a connection of its own, then on_cancelled, however it went
    struct WakeAt {       // call on_tick at this instant; replaces the one before
        BootInstant when;
    };
    struct Done {  // comes alone, once; answers that are still under way do not matter any more
        store::Confirmation confirmation{};
        std::string detail;  // for people; empty if there is nothing to add
    };
    using Action = std::variant<Terminate, Look, Cancel, WakeAt, Done>;
    using Actions = std::vector<Action>;

    explicit BackendEnd(Situation situation);

    // First, once. Until Done, some action is always under way, or a WakeAt.
    Actions begin(BootInstant now);
    Actions on_eof(BootInstant now);  // the backend's socket has ended, in order or by reset
    // In the place of on_eof: there is no connection any more by which the end could be seen.
    Actions on_lost(BootInstant now);
    Actions on_terminated(const Result<BackendAdmin::Signal>& answer, BootInstant now);
    Actions on_looked(const Result<bool>& is_running, BootInstant now);
    Actions on_cancelled(BootInstant now);
    Actions on_tick(BootInstant now);  // harmless at any time

    // Once Done was answered.
    bool over() const noexcept { return over_; }
    // The backend's end as far as overstay is concerned, known once over: the later of its socket's end and
    // the moment its row was found to have left. nullopt if there was no backend, or its end is unconfirmed.
    std::optional<BootInstant> gone_at() const noexcept { return gone_at_; }

private:
    Actions next(BootInstant now);
    std::optional<Done> outcome(BootInstant now) const;
    Done without_row() const;
    Actions finish(Done done);
    void ask(Actions& actions, BootInstant now);
    void schedule_wake(Actions& actions, BootInstant now);
    void cancel_now(BootInstant now);
    void not_seen(const Error& error);

    bool looks_for_row() const noexcept { return situation_.identified && !absent_at_; }
    bool cancels() const noexcept { return situation_.cancellable && !eof_at_; }

    Situation situation_;
    bool over_ = false;
    std::optional<BootInstant> gone_at_;

    // Under way.
    bool terminating_ = false;
    bool looking_ = false;
    bool cancelling_ = false;
    // When each is to be given next; that it is under way holds it back.
    std::optional<BootInstant> terminate_at_;
    std::optional<BootInstant> look_at_;
    std::optional<BootInstant> cancel_at_;
    std::optional<BootInstant> wake_at_;  // the WakeAt given last
    Duration cancel_pause_ = shortest_cancel_pause;
    std::size_t look_pause_ = 0;  // of the implementation's list

    // What is known.
    std::optional<BootInstant> eof_at_;
    bool lost_ = false;                      // there will be no EOF
    std::optional<BootInstant> absent_at_;   // its row was found to have left
    std::optional<BootInstant> give_up_at_;  // from EOF on
    bool outlived_ = false;                  // the last look since EOF found its row
    bool refused_ = false;                   // PostgreSQL does not let the admin login end it
    std::string why_not_seen_;               // what the last look or terminate failed with
};

}  // namespace curfew::proxy
