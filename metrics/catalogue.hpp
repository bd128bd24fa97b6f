// Every metric that curfewd exposes: its name, type, labels, buckets and meaning.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>
#include <string_view>

namespace curfew::metrics {

using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;
using HistogramFamily = prometheus::Family<prometheus::Histogram>;
using Buckets = prometheus::Histogram::BucketBoundaries;

// The families of one registry, which must outlive this. To add a metric: a member here, its line in
// catalogue.cpp, a call on Metrics that feeds it, and a row in docs/metrics.md.
struct Catalogue {
    explicit Catalogue(prometheus::Registry& registry);

    // Sessions
    GaugeFamily& sessions;                    // resource
    CounterFamily& sessions_ended;            // resource, cause
    HistogramFamily& session_seconds;         // resource
    CounterFamily& relayed_bytes;             // resource, direction
    HistogramFamily& overstay_seconds;        // resource, cause, side
    GaugeFamily& backends_unconfirmed;        // resource
    CounterFamily& backend_ends_unconfirmed;  // resource
    GaugeFamily& admin_connection_up;         // resource
    GaugeFamily& ungoverned_backends;         // resource
    CounterFamily& left_behind;               // resource, kind
    GaugeFamily& ephemeral_roles;             // resource
    GaugeFamily& ephemeral_roles_undropped;   // resource
    CounterFamily& commands;                  // resource, outcome
    CounterFamily& commands_asked;            // resource
    GaugeFamily& commands_waiting;            // resource

    // Getting in
    CounterFamily& connections;          // listener
    CounterFamily& connections_dropped;  // reason
    GaugeFamily& half_open_connections;
    CounterFamily& admissions;  // resource, decision, reason
    HistogramFamily& admission_seconds;
    HistogramFamily& handshake_seconds;  // resource
    CounterFamily& cancel_requests;      // matched
    CounterFamily& break_glass;          // resource
    CounterFamily& offline_grants;       // resource, outcome
    GaugeFamily& offline_grants_not_entered;

    // Waiting for somebody
    GaugeFamily& requests_pending;
    GaugeFamily& oldest_pending_request_seconds;
    GaugeFamily& reviews_due;
    GaugeFamily& oldest_review_due_seconds;

    // Notifications
    CounterFamily& notifications;                      // notifier, outcome
    GaugeFamily& notifications_waiting;                // notifier
    GaugeFamily& oldest_notification_waiting_seconds;  // notifier

    // Recordings
    GaugeFamily& recorded_sessions;
    CounterFamily& recording_entries;
    CounterFamily& recording_bytes;
    CounterFamily& recording_failures;  // kind
    CounterFamily& recording_relay_waits;
    CounterFamily& recording_uploads;  // outcome
    GaugeFamily& recording_upload_waiting_bytes;
    GaugeFamily& oldest_recording_upload_waiting_seconds;

    // The audit trail
    CounterFamily& audit_heads;                       // outcome
    CounterFamily& audit_events_forwarded;            // receiver
    CounterFamily& audit_forwarding_failures;         // receiver
    GaugeFamily& oldest_audit_event_waiting_seconds;  // receiver

    // The node
    GaugeFamily& grants_active;
    GaugeFamily& next_expiry_seconds;
    GaugeFamily& store_up;
    GaugeFamily& store_staleness_seconds;
    HistogramFamily& store_operation_seconds;  // operation
    CounterFamily& config_reloads;             // result
    GaugeFamily& config_last_reload_successful;
    GaugeFamily& config_last_reload_success_timestamp_seconds;
    GaugeFamily& ready;
    GaugeFamily& build_info;  // version, revision

    // The fleet
    GaugeFamily& nodes;  // state
    GaugeFamily& orphaned_sessions;
    GaugeFamily& oldest_orphan_seconds;
    CounterFamily& orphans_reaped;  // outcome

    // The process, by the names that every Prometheus client library gives them
    CounterFamily& process_cpu_seconds;
    GaugeFamily& process_resident_memory_bytes;
    GaugeFamily& process_open_fds;
    GaugeFamily& process_max_fds;
    GaugeFamily& process_start_time_seconds;
};

const Buckets& session_buckets();    // 1 s to 24 h
const Buckets& overstay_buckets();   // 1 ms to 60 s
const Buckets& handshake_buckets();  // 1 ms to 15 s
const Buckets& admission_buckets();  // 10 us to 1 s
const Buckets& store_buckets();      // 100 us to 5 s

// `text` as a label value: printable, valid UTF-8 (the serializer passes on what it is given), and short.
std::string label_value(std::string_view text);

}  // namespace curfew::metrics
