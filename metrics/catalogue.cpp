#include "metrics/catalogue.hpp"

#include "base/text.hpp"

namespace curfew::metrics {
namespace {

// Declares metrics in `registry`, so that the catalogue reads as a list of name and meaning.
struct Declare {
    prometheus::Registry& registry;

    CounterFamily& counter(const char* name, const char* help) const {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    GaugeFamily& gauge(const char* name, const char* help) const {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    HistogramFamily& histogram(const char* name, const char* help) const {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }
};

}  // namespace

Catalogue::Catalogue(prometheus::Registry& registry)
    : sessions{Declare{registry}.gauge("curfew_sessions", "Sessions that are live now, by resource.")},
      sessions_ended{Declare{registry}.counter(
          "curfew_sessions_total", "Sessions that have ended, by resource and by the cause of their end.")},
      session_seconds{Declare{registry}.histogram("curfew_session_seconds",
                                                  "How long sessions lived, from admission to their end.")},
      relayed_bytes{Declare{registry}.counter(
          "curfew_relayed_bytes_total",
          "Bytes relayed, by resource and direction (from_client, to_client), TLS not counted.")},
      overstay_seconds{Declare{registry}.histogram(
          "curfew_overstay_seconds",
          "How long past its deadline a session's client socket (side=client) or its PostgreSQL backend "
          "(side=backend) lived, by the cause of the end.")},
      backends_unconfirmed{
          Declare{registry}.gauge("curfew_backends_unconfirmed",
                                  "Backends whose session is over and which are not known to be gone yet.")},
      backend_ends_unconfirmed{Declare{registry}.counter(
          "curfew_backend_ends_unconfirmed_total",
          "Backends whose end could not be confirmed at all: look for them in pg_stat_activity.")},
      admin_connection_up{Declare{registry}.gauge(
          "curfew_admin_connection_up",
          "1 while the administrative connection that ends and confirms backends is usable, by resource "
          "that has an admin_login.")},
      ungoverned_backends{Declare{registry}.gauge(
          "curfew_ungoverned_backends",
          "Backends that work as a governed role although no session of Curfew's has them, by resource.")},
      left_behind{Declare{registry}.counter(
          "curfew_left_behind_total",
          "What sessions left in PostgreSQL when they ended, by resource and kind (prepared_transaction, "
          "replication_slot).")},
      ephemeral_roles{Declare{registry}.gauge(
          "curfew_ephemeral_roles",
          "Roles that Curfew made for a grant and that are there now, as far as this node knows.")},
      ephemeral_roles_undropped{Declare{registry}.gauge(
          "curfew_ephemeral_roles_undropped",
          "Roles whose grant is over and which could not be dropped: the log says why.")},
      commands{Declare{registry}.counter(
          "curfew_commands_total",
          "What clients sent in sessions by command, by resource and what became of it (free: ran without "
          "asking, approved, refused, withdrawn).")},
      commands_asked{Declare{registry}.counter(
          "curfew_commands_asked_total",
          "Commands that approval was asked for in sessions by command, by resource.")},
      commands_waiting{Declare{registry}.gauge(
          "curfew_commands_waiting",
          "Commands whose clients wait for their approval now, in sessions of this node, by resource.")},

      connections{
          Declare{registry}.counter("curfew_connections_total", "Connections accepted, by listener.")},
      connections_dropped{
          Declare{registry}.counter("curfew_connections_dropped_total",
                                    "Connections dropped before they became a session, by reason.")},
      half_open_connections{Declare{registry}.gauge("curfew_half_open_connections",
                                                    "Connections that are not authenticated yet.")},
      admissions{Declare{registry}.counter(
          "curfew_admissions_total",
          "Decisions on who may open a session, by resource (empty: none that exists), decision (admitted, "
          "refused) and reason.")},
      admission_seconds{Declare{registry}.histogram("curfew_admission_seconds",
                                                    "Time taken to decide whether a session may be opened.")},
      handshake_seconds{Declare{registry}.histogram(
          "curfew_handshake_seconds",
          "Time from accepting a connection to the first ReadyForQuery, by resource.")},
      cancel_requests{Declare{registry}.counter(
          "curfew_cancel_requests_total",
          "Cancel requests received, by whether their key was that of a live session.")},
      break_glass{Declare{registry}.counter(
          "curfew_break_glass_total",
          "Requests by which somebody broke the glass and got in without a review, by resource.")},
      offline_grants{Declare{registry}.counter(
          "curfew_offline_grants_total",
          "Grants signed offline that were handed in, by outcome (taken, refused) and, where taken, "
          "resource.")},
      offline_grants_not_entered{Declare{registry}.gauge(
          "curfew_offline_grants_not_entered",
          "Grants signed offline that this node took and could not enter into the store yet.")},

      requests_pending{Declare{registry}.gauge("curfew_requests_pending",
                                               "Requests that wait for their decision, in the whole store.")},
      oldest_pending_request_seconds{
          Declare{registry}.gauge("curfew_oldest_pending_request_seconds",
                                  "How long ago the oldest request that waits for its decision was asked "
                                  "for; 0 while there is none.")},
      reviews_due{Declare{registry}.gauge(
          "curfew_reviews_due",
          "Requests that were approved without a review (break-glass, signed offline) and still wait for "
          "one, in the whole store.")},
      oldest_review_due_seconds{Declare{registry}.gauge(
          "curfew_oldest_review_due_seconds",
          "How long ago the oldest request whose review is due was approved; 0 while there is none.")},

      notifications{Declare{registry}.counter(
          "curfew_notifications_total",
          "Attempts to notify somebody, by notifier and outcome (delivered, retried, given_up).")},
      notifications_waiting{Declare{registry}.gauge(
          "curfew_notifications_waiting",
          "Notifications that are on their way in the whole store, scheduled ones included, by notifier.")},
      oldest_notification_waiting_seconds{
          Declare{registry}.gauge("curfew_oldest_notification_waiting_seconds",
                                  "How long ago the oldest notification that is on its way was to be sent; 0 "
                                  "while there is none, by notifier.")},

      recorded_sessions{Declare{registry}.gauge("curfew_recorded_sessions",
                                                "Sessions of this node that are being recorded now.")},
      recording_entries{
          Declare{registry}.counter("curfew_recording_entries_total", "Entries written to recordings.")},
      recording_bytes{Declare{registry}.counter("curfew_recording_bytes_total",
                                                "Bytes written to recordings, compressed.")},
      recording_failures{Declare{registry}.counter(
          "curfew_recording_failures_total",
          "Times that something could not be recorded, by kind (write: the directory took nothing; overrun: "
          "there was more than could be written in time).")},
      recording_relay_waits{Declare{registry}.counter(
          "curfew_recording_relay_waits_total",
          "Times that a session waited since what was to be recorded of it had not been taken yet.")},
      recording_uploads{Declare{registry}.counter(
          "curfew_recording_uploads_total",
          "Attempts to upload a part of a recording, by outcome (uploaded, failed).")},
      recording_upload_waiting_bytes{Declare{registry}.gauge(
          "curfew_recording_upload_waiting_bytes", "Bytes of recordings that are not uploaded yet.")},
      oldest_recording_upload_waiting_seconds{Declare{registry}.gauge(
          "curfew_oldest_recording_upload_waiting_seconds",
          "How long ago the oldest of what is not uploaded yet was recorded; 0 while there is nothing.")},

      audit_heads{Declare{registry}.counter(
          "curfew_audit_heads_total",
          "Signed heads of the audit trail that were written down, or could not be (written, failed).")},
      audit_events_forwarded{Declare{registry}.counter(
          "curfew_audit_events_forwarded_total",
          "Events of the audit trail that this node sent on, by receiver (syslog, webhook).")},
      audit_forwarding_failures{Declare{registry}.counter(
          "curfew_audit_forwarding_failures_total",
          "Attempts of this node to send events of the audit trail on that failed, by receiver.")},
      oldest_audit_event_waiting_seconds{
          Declare{registry}.gauge("curfew_oldest_audit_event_waiting_seconds",
                                  "How long events of the audit trail have been waiting for their receiver; "
                                  "0 while there are none.")},

      grants_active{Declare{registry}.gauge("curfew_grants_active",
                                            "Grants whose window is open now, as this node knows them.")},
      next_expiry_seconds{Declare{registry}.gauge(
          "curfew_next_expiry_seconds",
          "Time until the next deadline of a live session; +Inf while there is none.")},
      store_up{Declare{registry}.gauge("curfew_store_up",
                                       "1 if the store took a write and gave it back when last tried.")},
      store_staleness_seconds{Declare{registry}.gauge(
          "curfew_store_staleness_seconds",
          "Time since this node last heard the store's grants; at store.max_staleness sessions end.")},
      store_operation_seconds{Declare{registry}.histogram(
          "curfew_store_operation_seconds", "Time taken by operations of the store, by operation.")},
      config_reloads{Declare{registry}.counter(
          "curfew_config_reloads_total", "Times the configuration was read, by result (accepted, refused).")},
      config_last_reload_successful{Declare{registry}.gauge(
          "curfew_config_last_reload_successful",
          "1 if the configuration was valid when last read; 0 while an older one is still in use.")},
      config_last_reload_success_timestamp_seconds{
          Declare{registry}.gauge("curfew_config_last_reload_success_timestamp_seconds",
                                  "When the configuration in use was read (Unix time).")},
      ready{Declare{registry}.gauge("curfew_ready", "1 while this node takes new sessions.")},
      build_info{
          Declare{registry}.gauge("curfew_build_info", "Always 1; the labels say which curfewd this is.")},

      nodes{Declare{registry}.gauge("curfew_nodes",
                                    "Nodes that share the store, by state (up, gone), as last counted.")},
      orphaned_sessions{Declare{registry}.gauge(
          "curfew_orphaned_sessions",
          "Sessions that nodes which are gone have left and which are not recorded as ended, as last "
          "counted.")},
      oldest_orphan_seconds{Declare{registry}.gauge(
          "curfew_oldest_orphan_seconds",
          "How long the oldest of the orphaned sessions has been waiting for another node; 0 while there is "
          "none.")},
      orphans_reaped{Declare{registry}.counter(
          "curfew_orphans_reaped_total",
          "Sessions of other nodes that this one saw to, by outcome (confirmed, unconfirmed, failed).")},

      process_cpu_seconds{Declare{registry}.counter("process_cpu_seconds_total",
                                                    "User and system CPU time spent by the process.")},
      process_resident_memory_bytes{
          Declare{registry}.gauge("process_resident_memory_bytes", "Resident memory of the process.")},
      process_open_fds{Declare{registry}.gauge("process_open_fds", "Open file descriptors.")},
      process_max_fds{
          Declare{registry}.gauge("process_max_fds", "How many file descriptors may be open at most.")},
      process_start_time_seconds{
          Declare{registry}.gauge("process_start_time_seconds", "When the process started (Unix time).")} {}

const Buckets& session_buckets() {
    static const Buckets buckets{1, 10, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400};
    return buckets;
}

const Buckets& overstay_buckets() {
    static const Buckets buckets{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};
    return buckets;
}

const Buckets& handshake_buckets() {
    static const Buckets buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15};
    return buckets;
}

const Buckets& admission_buckets() {
    static const Buckets buckets{0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};
    return buckets;
}

const Buckets& store_buckets() {
    static const Buckets buckets{0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                 0.05,   0.1,    0.25,  0.5,    1,     2.5,  5};
    return buckets;
}

std::string label_value(std::string_view text) {
    return printable(text, 128);
}

}  // namespace curfew::metrics
