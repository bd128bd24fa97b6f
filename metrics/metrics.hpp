// Every metric of curfewd, declared in one place.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "policy/admission.hpp"
#include "policy/end_cause.hpp"

namespace prometheus {
class Registry;
}

namespace curfew::metrics {

class RecordingMetrics;

// What became of a connection that asked to be a session.
enum class AdmissionDecision { admitted, refused };

// What became of something that a client sent in a session by command.
enum class CommandOutcome {
    free,       // ran without asking
    approved,   // ran
    refused,    // by those who were asked, or nobody could be
    withdrawn,  // by its client, or with its session, before it was decided
};

// The metrics of one resource, looked up once for each session and then only written to: Family::Add costs
// microseconds, these calls nanoseconds. Thread-safe. Lives as long as the Metrics that gave it.
class ResourceMetrics {
public:
    virtual ~ResourceMetrics() = default;

    virtual void session_started() = 0;
    // The session left the live state; one call for each session_started.
    virtual void session_ended(policy::EndCause cause, Duration lived) = 0;
    virtual void bytes_relayed(std::uint64_t from_client, std::uint64_t to_client) = 0;
    // How long past its deadline (or the revoking call) the client's socket and the backend lived.
    virtual void client_overstayed(policy::EndCause cause, Duration overstay) = 0;
    virtual void backend_overstayed(policy::EndCause cause, Duration overstay) = 0;
    // Backends whose end is not confirmed yet: +1 when a teardown begins, -1 when it is confirmed.
    virtual void unconfirmed_backends_changed(int by) = 0;
    // A backend whose end could not be confirmed at all and was given up on.
    virtual void backend_end_unconfirmed() = 0;
    // Accept to ReadyForQuery.
    virtual void handshake_took(Duration duration) = 0;
    // 1 while the administrative connection is usable.
    virtual void admin_connection_up(bool up) = 0;
    // Backends that work as a governed role although no session has them, as of the last comparison.
    virtual void ungoverned_backends(std::size_t count) = 0;
    // A session that ended left something in PostgreSQL: `prepared_transaction`, `replication_slot`.
    virtual void left_behind(std::string_view kind) = 0;
    // How many ephemeral roles are there, as far as this node knows, and how many of them should be gone and
    // could not be dropped.
    virtual void ephemeral_roles(std::size_t there, std::size_t undropped) = 0;
    virtual void command(CommandOutcome outcome) = 0;
    // Commands that wait for their approval: +1 when one is asked for, -1 when its client waits no more.
    virtual void commands_waiting_changed(int by) = 0;
};

// The registry and everything in it. Thread-safe.
class Metrics {
public:
    Metrics(std::string_view version, std::string_view git_revision);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // The same object for the same name. `name` must come from the configuration, never from a client.
    ResourceMetrics& resource(const std::string& name);

    void connection_accepted(const std::string& listener);
    // A connection dropped before it became a session: `half_open_limit`, `handshake_timeout`,
    // `protocol_error`, `tls_error`, `client_closed`, …: a fixed word.
    void connection_dropped(std::string_view reason);
    void half_open_changed(int by);
    // `resource` from the configuration, or empty where the client named none that exists. `reason`: a
    // policy::Refusal's word or a fixed one (`unknown_resource`, `authentication_failed`, `store_unavailable`
    // …); empty when admitted.
    void admission(const std::string& resource, AdmissionDecision decision, std::string_view reason);
    void admission_took(Duration duration);
    void cancel_request(bool matched);
    // Somebody broke the glass for this resource, of the configuration.
    void glass_broken(const std::string& resource);
    // A grant that was signed offline was handed in. `resource`: of the configuration; empty where refused.
    void offline_grant(const std::string& resource, bool taken);
    void offline_grants_not_entered(double count);

    void store_healthy(bool healthy, BootInstant at);
    void store_operation_took(std::string_view operation, Duration duration);
    void config_reloaded(bool accepted, WallInstant at);
    void ready(bool ready);

    // The nodes that share the store, and the sessions that those of them which are gone have left, as last
    // counted. `oldest_orphan`: zero where there is none.
    void fleet_counted(std::size_t up, std::size_t gone, std::size_t orphans, Duration oldest_orphan);
    // This node saw to sessions of nodes that are gone: so many backends were proven gone, of so many nothing
    // could be established, and so many could not be ended or recorded now.
    void orphans_reaped(std::size_t confirmed, std::size_t unconfirmed, std::size_t failed);

    // Requests that wait for somebody, as last counted: for their decision, or for a review afterwards.
    struct Waiting {
        std::size_t count = 0;
        std::optional<BootInstant> oldest;  // since when; nullopt: there is none
    };
    void requests_waiting(const Waiting& pending, const Waiting& reviews_due);

    // What this node records. Lives as long as this.
    RecordingMetrics& recording();

    // How an attempt to notify somebody came out. `notifier`: from the configuration.
    enum class Notification { delivered, retried, given_up };
    void notification(const std::string& notifier, Notification outcome);
    // What is on its way by this notifier, as last counted. From the first call on its series are there.
    void notifications_waiting(const std::string& notifier, const Waiting& waiting);
    // The notifier left the configuration.
    void notifier_gone(const std::string& notifier);

    // A signed head of the audit trail was written down, or could not be.
    enum class AuditHead { written, failed };
    void audit_head(AuditHead outcome);
    // Events of the audit trail went to this receiver (`syslog`, `webhook`), or an attempt failed.
    void audit_events_forwarded(const std::string& receiver, std::size_t events);
    void audit_forwarding_failed(const std::string& receiver);
    // What is on its way to it, as last looked. From the first call on its series are there.
    void audit_events_waiting(const std::string& receiver, std::optional<BootInstant> oldest);

    // Called at scrape time to ask for values that exist only then.
    struct Scrape {
        BootInstant now{};                   // ages are counted up to it
        double seconds_to_next_expiry = -1;  // below zero: nothing expires
        double store_staleness_seconds = 0;
        double active_grants = 0;
    };

    // The text exposition format (version 0.0.4), with `scrape` folded in.
    std::string expose(const Scrape& scrape);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace curfew::metrics
