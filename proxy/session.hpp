// One client's connection, from accept to the proof that its backend is gone.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/admission.hpp"
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
#include "proxy/stream.hpp"
#include "proxy/upstream_login_driver.hpp"

namespace curfew::proxy {

class Worker;

// Belongs to its worker's thread. Held by a shared_ptr while run() is under way.
class Session {
public:
    // `listener`: by whose name it came. `half_open`: its place among the connections that are not
    // authenticated yet.
    Session(Worker& worker, std::string listener, Stream client, Place half_open);
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
    // Cancels what the backend runs; returns when PostgreSQL has dealt with that.
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
    Awaitable<Unless> pass_cancel_on(postgres::CancelRequest request);
    Unless find_resource();
    Awaitable<Unless> authenticate();
    policy::Attempt attempt() const;
    // The same where only what outlives the store will do.
    policy::Attempt attempt_without_store() const;
    // The store is away, and a grant that was signed offline lets this attempt in.
    bool comes_by_offline_grant() const;
    Unless admit();
    Awaitable<Unless> reach_and_log_in();
    Awaitable<Unless> choose_role(std::optional<config::UpstreamRole>& role);
    Awaitable<Unless> log_in(Stream server, const config::UpstreamRole& role, LoginTrouble& trouble);
    Awaitable<Unless> begin();
    Awaitable<Unless> identify_backend();
    Awaitable<Unless> record_start();
    Unless still_admitted() const;
    void choose_cancel_key();
    void go_live();
    // Awaits `task`, but no longer than until the session is ended: then it goes on without us.
    template <class T>
    Awaitable<std::optional<T>> unless_ended(Awaitable<T> task);

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
                    std::optional<BootInstant> client_left_at);
    void leave_live_state(policy::EndCause cause);

    void interrupt();
    void set_deadline(BootInstant deadline);
    void drop_timers();
    void plan_warning();
    bool is_over() const noexcept { return end_.has_value() || timed_out_; }
    std::optional<std::uint16_t> upstream_port() const;

    Worker& worker_;
    NodeContext& node_;
    const SessionId id_ = SessionId::generate();
    const std::string listener_;
    const BootInstant accepted_at_;
    const WallInstant accepted_at_wall_;
    std::string client_address_;

    Stream client_;
    std::optional<Stream> server_;
    std::shared_ptr<Event> wake_;

    Place half_open_;
    Place place_;  // among the sessions
    DeadlineQueue::Token handshake_timer_ = 0;
    DeadlineQueue::Token deadline_timer_ = 0;
    DeadlineQueue::Token warning_timer_ = 0;

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

    ClientWriter writer_;
    std::optional<Relay> relay_;
    std::uint64_t reported_from_client_ = 0;
    std::uint64_t reported_to_client_ = 0;
    std::optional<BootInstant> live_since_;
    bool left_live_state_ = false;

    std::optional<End> end_;
    bool client_untold_ = false;  // counted in ClientsFirst
    bool timed_out_ = false;
    std::unique_ptr<BackendEnding> ending_;  // larger than what a session needs while it lives
    bool abandoned_ = false;
};

}  // namespace curfew::proxy
