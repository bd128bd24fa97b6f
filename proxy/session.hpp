// One client's connection, from accept to the proof that its backend is gone.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/admission.hpp"
#include "policy/recording_mode.hpp"
#include "policy/transaction_outcome.hpp"
#include "protocol/postgres/cancel_key.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/backend_ending.hpp"
#include "proxy/client_writer.hpp"
#include "proxy/control.hpp"
#include "proxy/event.hpp"
#include "proxy/node_context.hpp"
#include "proxy/refusal.hpp"
#include "proxy/relay.hpp"
#include "proxy/resource_set.hpp"
#include "proxy/routing.hpp"
#include "proxy/script_door.hpp"
#include "proxy/session_commands.hpp"
#include "proxy/stream.hpp"
#include "proxy/tape.hpp"
#include "proxy/upstream_login_driver.hpp"
#include "recording/scribe.hpp"

namespace curfew::proxy {

class Worker;

// Belongs to its worker's thread. Held by a shared_ptr while run() is under way.
class Session {
public:
    // `listener`: by whose name it came. `half_open`: its place among the connections that are not
    // authenticated yet. `script`: as whom it runs a script of the node itself; absent: it is a client's.
    Session(Worker& worker, std::string listener, Stream client, Place half_open,
            std::optional<ScriptEntry> script = std::nullopt);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // The whole of it. Returns when the client is left and the backend's end is established.
    Awaitable<void> run();

    // The right to be here is over. The first call counts; what waits is interrupted, and run() goes on to
    // the teardown. `since`: from when on every moment is an overstay.
    void end(policy::EndCause cause, BootInstant since);
    // Judges the right anew, after the worker's setup or grants have changed.
    void reassess(BootInstant since);
    // The node stops and cannot wait for the backend.
    void abandon();
    // Stands though the store is away: its grant was signed offline.
    bool outlives_store() const noexcept { return outlives_store_; }
    // Was admitted to a resource whose sessions end as soon as the store is away (on_store_loss).
    bool ends_with_store() const;

    const SessionId& id() const noexcept { return id_; }
    Worker& worker() noexcept { return worker_; }
    // A grant was found for it; it may still be authenticating.
    bool admitted() const noexcept { return grant_.has_value(); }
    SessionView view() const;
    // Adds to the metrics what was relayed since the last call.
    void report_bytes();

    bool owns(const postgres::CancelRequest& request) const {
        return postgres::matches(cancel_key_, request);
    }
    // Cancels what the backend runs, or what is held back from it; returns when PostgreSQL has dealt with
    // that.
    Awaitable<void> cancel_statement();

private:
    struct End {
        policy::EndCause cause;
        BootInstant since;
    };

    // The right to relay, or its refusal, said and done.
    Awaitable<bool> come_in();

    // session_opening.cpp: the steps from accept to ReadyForQuery.
    Awaitable<Unless> open();
    Awaitable<Unless> greet_client();
    void come_for_script();
    Awaitable<Unless> pass_cancel_on(postgres::CancelRequest request);
    Unless find_resource();
    Awaitable<Unless> authenticate();
    policy::Attempt attempt() const;
    // The same where only what outlives the store will do.
    policy::Attempt attempt_without_store() const;
    // The store is away, and a grant that was signed offline lets this attempt in.
    bool comes_by_offline_grant() const;
    // Nothing is returned either where they are let in by command as soon as PostgreSQL has authenticated
    // them.
    Awaitable<Unless> admit();
    Unless door_is_closed() const;
    std::variant<policy::Admitted, policy::Refusal> decide() const;
    Unless take_in(const std::variant<policy::Admitted, policy::Refusal>& decision);
    Awaitable<Unless> reach_and_log_in();
    Awaitable<Unless> choose_role(std::optional<config::UpstreamRole>& role);
    Awaitable<Unless> log_in(Stream server, const config::UpstreamRole& role, LoginTrouble& trouble);
    Awaitable<Unless> begin();
    Awaitable<Unless> identify_backend();
    Awaitable<Unless> record_start();
    Unless still_admitted() const;
    std::vector<std::string> first_notices() const;
    void choose_cancel_key();
    void go_live();
    // Awaits `task`, but no longer than until the session is ended: then it goes on without us.
    template <class T>
    Awaitable<std::optional<T>> unless_ended(Awaitable<T> task);

    // session_by_command.cpp
    bool may_come_by_command(policy::Refusal refusal) const;
    // For somebody who is authenticated: has the desk give a grant to come in by.
    Awaitable<Unless> come_by_command();
    Unless begin_commands(const Begun& begun);
    void have_commands_judged();
    Awaitable<void> settle_commands();

    // session_recording.cpp
    policy::RecordingMode how_to_record() const;
    recording::entry::Started what_begins() const;
    Awaitable<Unless> begin_recording();
    // A whole message of ours, between PostgreSQL's.
    void tell_client(std::string_view message);
    Awaitable<recording::Finished> finish_recording(policy::EndCause cause, std::string_view last_words,
                                                    const BackendEnded& backend);
    void note_recording(store::SessionEnd& end, const recording::Finished& finished) const;
    void abandon_recording();
    policy::TransactionOutcome outcome(const BackendEnded& backend) const;

    // session_end.cpp
    Awaitable<void> conclude(RelayEnd how);
    Awaitable<void> turn_away(Unless failure);
    void log_turned_away(const Unless& failure) const;
    std::string last_words_now() const;
    Awaitable<void> tear_down(policy::EndCause cause, BootInstant since, std::string last_words);
    Awaitable<void> end_backend(std::optional<BackendEnded>& ended);
    // The client has been told that its session is over, or has gone.
    void client_told();
    Awaitable<void> leave_client(std::string last_words, BootInstant until,
                                 std::optional<BootInstant>& left_at);
    Awaitable<void> finish_normally(RelayEnd how);
    Awaitable<void> report_left_behind();
    void record_end(policy::EndCause cause, BootInstant since, const BackendEnded& backend,
                    std::optional<BootInstant> client_left_at, const recording::Finished& recording);
    void leave_live_state(policy::EndCause cause);

    void interrupt();
    void set_deadline(BootInstant deadline);
    void drop_timers();
    void plan_warning();
    // Settles, by the deadline and the configuration of now, from when on no new transaction begins.
    void plan_wind_down();
    void wind_down();
    void wind_up();
    bool is_over() const noexcept { return end_.has_value() || timed_out_; }
    std::optional<std::uint16_t> upstream_port() const;

    Worker& worker_;
    NodeContext& node_;
    const SessionId id_ = SessionId::generate();
    const std::string listener_;
    const BootInstant accepted_at_;
    const WallInstant accepted_at_wall_;
    const std::unique_ptr<const ScriptEntry> script_;  // nullptr: it is a client's
    std::string client_address_;

    Stream client_;
    std::optional<Stream> server_;
    std::shared_ptr<Event> wake_;

    Place half_open_;
    Place place_;  // among the sessions
    DeadlineQueue::Token handshake_timer_ = 0;
    DeadlineQueue::Token deadline_timer_ = 0;
    DeadlineQueue::Token warning_timer_ = 0;
    DeadlineQueue::Token wind_down_timer_ = 0;

    postgres::StartupMessage startup_;
    bool greeted_ = false;  // messages may be sent to the client
    Route route_;
    std::shared_ptr<const ResourceContext> resource_;
    std::optional<GrantId> came_by_;  // whose credential it was let in by
    std::optional<policy::Grant> grant_;
    bool outlives_store_ = false;  // its grant does
    std::optional<BootInstant> deadline_;
    store::Backend backend_;
    std::optional<postgres::BackendKey> backend_key_;
    postgres::CancelKey cancel_key_;
    std::string login_role_;  // as whom it is logged in to PostgreSQL
    std::vector<std::string> slots_before_;
    bool recorded_ = false;  // the store was asked to

    policy::RecordingMode recording_ = policy::RecordingMode::off;
    std::unique_ptr<Tape> tape_;  // nullptr: it is not recorded
    bool recording_over_ = false;

    std::unique_ptr<SessionCommands> commands_;  // nullptr: none of its commands is asked for

    ClientWriter writer_;
    std::optional<Relay> relay_;
    std::uint64_t reported_from_client_ = 0;
    std::uint64_t reported_to_client_ = 0;
    std::optional<BootInstant> live_since_;
    // Set: no new transaction begins, and the client was told this deadline.
    std::optional<BootInstant> winds_down_to_;
    bool left_live_state_ = false;

    std::optional<End> end_;
    bool client_untold_ = false;  // counted in ClientsFirst
    bool timed_out_ = false;
    std::unique_ptr<BackendEnding> ending_;  // larger than what a session needs while it lives
    bool abandoned_ = false;
};

}  // namespace curfew::proxy
