#include "metrics/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "metrics/catalogue.hpp"
#include "metrics/process_stats.hpp"
#include "metrics/recording_metrics.hpp"
#include "metrics/resource_metrics.hpp"

namespace curfew::metrics {
namespace {

// The series of one family, by label values, each made once: Family::Add hashes and compares labels under a
// lock of its own. For what happens once a connection; what happens more often keeps its reference.
template <class Metric>
class Series {
public:
    Series(prometheus::Family<Metric>& family, std::vector<std::string> label_names)
        : family_{family}, label_names_{std::move(label_names)} {}

    template <class... Arguments>
    Metric& get(std::initializer_list<std::string_view> values, const Arguments&... arguments) {
        std::vector<std::string> key{values.begin(), values.end()};
        const std::lock_guard lock{mutex_};
        if (const auto found = known_.find(key); found != known_.end()) return *found->second;
        prometheus::Labels labels;
        for (std::size_t i = 0; i < label_names_.size(); ++i)
            labels[label_names_[i]] = label_value(key[i]);
        Metric& made = family_.Add(labels, arguments...);
        known_.emplace(std::move(key), &made);
        return made;
    }

private:
    prometheus::Family<Metric>& family_;
    const std::vector<std::string> label_names_;
    std::mutex mutex_;
    std::map<std::vector<std::string>, Metric*> known_;
};

// Reasons of refusals that nobody with a grant should meet, and of connections dropped, that alerts are
// about. Their series are there from the start, so that the first is seen as a step.
constexpr std::string_view refusals_to_tell[] = {"store_unavailable",
                                                 "store_lost",
                                                 "recording_unavailable",
                                                 "recording_failed",
                                                 "admin_login_unavailable",
                                                 "leftover_backends",
                                                 "upstream_unavailable",
                                                 "ephemeral_role_unavailable",
                                                 "session_limit"};
constexpr std::string_view drops_to_tell[] = {"tls_error", "half_open_limit"};

std::string_view to_string(AdmissionDecision decision) {
    return decision == AdmissionDecision::admitted ? "admitted" : "refused";
}

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    Catalogue catalogue{registry};

    std::mutex resources_mutex;
    std::map<std::string, RegisteredResource> resources;  // a node never moves: references stay good

    Series<prometheus::Counter> connections{catalogue.connections, {"listener"}};
    Series<prometheus::Counter> connections_dropped{catalogue.connections_dropped, {"reason"}};
    Series<prometheus::Counter> admissions{catalogue.admissions, {"resource", "decision", "reason"}};
    Series<prometheus::Counter> break_glass{catalogue.break_glass, {"resource"}};
    Series<prometheus::Counter> offline_grants{catalogue.offline_grants, {"resource", "outcome"}};
    prometheus::Gauge& offline_grants_not_entered{catalogue.offline_grants_not_entered.Add({})};
    Series<prometheus::Histogram> store_operations{catalogue.store_operation_seconds, {"operation"}};
    prometheus::Gauge& half_open{catalogue.half_open_connections.Add({})};
    prometheus::Histogram& admission_seconds{catalogue.admission_seconds.Add({}, admission_buckets())};
    prometheus::Counter& cancels_matched{catalogue.cancel_requests.Add({{"matched", "true"}})};
    prometheus::Counter& cancels_unmatched{catalogue.cancel_requests.Add({{"matched", "false"}})};

    std::mutex store_mutex;
    std::optional<BootInstant> store_reported_at;
    prometheus::Gauge& store_up{catalogue.store_up.Add({})};
    prometheus::Counter& reloads_accepted{catalogue.config_reloads.Add({{"result", "accepted"}})};
    prometheus::Counter& reloads_refused{catalogue.config_reloads.Add({{"result", "refused"}})};
    prometheus::Gauge& last_reload_successful{catalogue.config_last_reload_successful.Add({})};
    prometheus::Gauge& last_reload_success{catalogue.config_last_reload_success_timestamp_seconds.Add({})};
    prometheus::Gauge& ready{catalogue.ready.Add({})};

    prometheus::Gauge& nodes_up{catalogue.nodes.Add({{"state", "up"}})};
    prometheus::Gauge& nodes_gone{catalogue.nodes.Add({{"state", "gone"}})};
    std::mutex waiting_mutex;
    Waiting pending;
    Waiting reviews_due;
    prometheus::Gauge& pending_count{catalogue.requests_pending.Add({})};
    prometheus::Gauge& oldest_pending{catalogue.oldest_pending_request_seconds.Add({})};
    prometheus::Gauge& reviews_due_count{catalogue.reviews_due.Add({})};
    prometheus::Gauge& oldest_review_due{catalogue.oldest_review_due_seconds.Add({})};

    Series<prometheus::Counter> notifications{catalogue.notifications, {"notifier", "outcome"}};
    struct OfNotifier {
        Waiting waiting;
        prometheus::Gauge* count = nullptr;
        prometheus::Gauge* oldest = nullptr;
    };
    std::map<std::string, OfNotifier> notifiers;  // under waiting_mutex

    RecordingMetrics recording{catalogue};

    prometheus::Counter& heads_written{catalogue.audit_heads.Add({{"outcome", "written"}})};
    prometheus::Counter& heads_failed{catalogue.audit_heads.Add({{"outcome", "failed"}})};
    Series<prometheus::Counter> events_forwarded{catalogue.audit_events_forwarded, {"receiver"}};
    Series<prometheus::Counter> forwarding_failures{catalogue.audit_forwarding_failures, {"receiver"}};
    std::map<std::string, std::optional<BootInstant>> audit_receivers;  // under waiting_mutex

    prometheus::Gauge& orphaned_sessions{catalogue.orphaned_sessions.Add({})};
    prometheus::Gauge& oldest_orphan{catalogue.oldest_orphan_seconds.Add({})};
    prometheus::Counter& orphans_confirmed{catalogue.orphans_reaped.Add({{"outcome", "confirmed"}})};
    prometheus::Counter& orphans_unconfirmed{catalogue.orphans_reaped.Add({{"outcome", "unconfirmed"}})};
    prometheus::Counter& orphans_failed{catalogue.orphans_reaped.Add({{"outcome", "failed"}})};

    // What is set at scrape time only: held together under a lock, so that two scrapes do not mix.
    std::mutex scrape_mutex;
    prometheus::Gauge& grants_active{catalogue.grants_active.Add({})};
    prometheus::Gauge& next_expiry{catalogue.next_expiry_seconds.Add({})};
    prometheus::Gauge& store_staleness{catalogue.store_staleness_seconds.Add({})};
    prometheus::Counter& cpu{catalogue.process_cpu_seconds.Add({})};
    prometheus::Gauge& resident{catalogue.process_resident_memory_bytes.Add({})};
    prometheus::Gauge& open_fds{catalogue.process_open_fds.Add({})};
    prometheus::Gauge& max_fds{catalogue.process_max_fds.Add({})};
    prometheus::Gauge& start_time{catalogue.process_start_time_seconds.Add({})};

    // Together, so that no scrape has the count of one instant and the age of another.
    void set_waiting(BootInstant now) {
        const std::lock_guard lock{waiting_mutex};
        pending_count.Set(static_cast<double>(pending.count));
        oldest_pending.Set(age(pending, now));
        reviews_due_count.Set(static_cast<double>(reviews_due.count));
        oldest_review_due.Set(age(reviews_due, now));
        for (const auto& [name, notifier] : notifiers) {
            notifier.count->Set(static_cast<double>(notifier.waiting.count));
            notifier.oldest->Set(age(notifier.waiting, now));
        }
        for (const auto& [receiver, oldest] : audit_receivers) {
            const double waited = oldest ? std::max(0.0, seconds(now - *oldest)) : 0;
            catalogue.oldest_audit_event_waiting_seconds.Add({{"receiver", label_value(receiver)}})
                .Set(waited);
        }
    }
    void set_notifier(const std::string& name, const Waiting& waiting) {
        const std::lock_guard lock{waiting_mutex};
        OfNotifier& notifier = notifiers[name];
        notifier.waiting = waiting;
        if (notifier.count != nullptr) return;
        const prometheus::Labels labels{{"notifier", label_value(name)}};
        notifier.count = &catalogue.notifications_waiting.Add(labels);
        notifier.oldest = &catalogue.oldest_notification_waiting_seconds.Add(labels);
        for (const char* outcome : {"delivered", "retried", "given_up"})
            notifications.get({name, outcome});
    }
    void forget_notifier(const std::string& name) {
        const std::lock_guard lock{waiting_mutex};
        const auto found = notifiers.find(name);
        if (found == notifiers.end()) return;
        catalogue.notifications_waiting.Remove(found->second.count);
        catalogue.oldest_notification_waiting_seconds.Remove(found->second.oldest);
        notifiers.erase(found);
    }
    static double age(const Waiting& waiting, BootInstant now) {
        return waiting.oldest ? std::max(0.0, seconds(now - *waiting.oldest)) : 0;
    }

    void set_scrape_values(const Scrape& scrape) {
        grants_active.Set(scrape.active_grants);
        next_expiry.Set(scrape.seconds_to_next_expiry < 0 ? std::numeric_limits<double>::infinity()
                                                          : scrape.seconds_to_next_expiry);
        store_staleness.Set(scrape.store_staleness_seconds);
        set_waiting(scrape.now);
        recording.set_ages(scrape.now);
        if (const auto stats = read_process_stats()) {
            cpu.Increment(std::max(0.0, stats->cpu_seconds - cpu.Value()));
            resident.Set(stats->resident_bytes);
            open_fds.Set(stats->open_fds);
            max_fds.Set(stats->max_fds);
            start_time.Set(stats->start_time_seconds);
        }
    }
};

Metrics::Metrics(std::string_view version, std::string_view git_revision) : impl_{std::make_unique<Impl>()} {
    impl_->catalogue.build_info
        .Add({{"version", label_value(version)},
              {"revision", git_revision.empty() ? "unknown" : label_value(git_revision)}})
        .Set(1);
    for (const std::string_view reason : drops_to_tell)
        impl_->connections_dropped.get({reason});
    // While the store has never been there, no resource is known.
    impl_->admissions.get({"", to_string(AdmissionDecision::refused), "store_unavailable"});
    impl_->offline_grants.get({"", "refused"});
}

Metrics::~Metrics() = default;

ResourceMetrics& Metrics::resource(const std::string& name) {
    const std::lock_guard lock{impl_->resources_mutex};
    const auto found = impl_->resources.find(name);
    if (found != impl_->resources.end()) return found->second;
    // So that the first admission is seen as a step from 0 to 1.
    impl_->admissions.get({name, to_string(AdmissionDecision::admitted), ""});
    for (const std::string_view reason : refusals_to_tell)
        impl_->admissions.get({name, to_string(AdmissionDecision::refused), reason});
    impl_->break_glass.get({name});
    impl_->offline_grants.get({name, "taken"});
    return impl_->resources.try_emplace(name, impl_->catalogue, name).first->second;
}

void Metrics::connection_accepted(const std::string& listener) {
    impl_->connections.get({listener}).Increment();
}

void Metrics::connection_dropped(std::string_view reason) {
    impl_->connections_dropped.get({reason}).Increment();
}

void Metrics::half_open_changed(int by) {
    impl_->half_open.Increment(by);
}

void Metrics::admission(const std::string& resource, AdmissionDecision decision, std::string_view reason) {
    impl_->admissions.get({resource, to_string(decision), reason}).Increment();
}

void Metrics::admission_took(Duration duration) {
    impl_->admission_seconds.Observe(seconds(duration));
}

void Metrics::cancel_request(bool matched) {
    (matched ? impl_->cancels_matched : impl_->cancels_unmatched).Increment();
}

void Metrics::glass_broken(const std::string& resource) {
    impl_->break_glass.get({resource}).Increment();
}

void Metrics::offline_grant(const std::string& resource, bool taken) {
    impl_->offline_grants.get({resource, taken ? "taken" : "refused"}).Increment();
}

void Metrics::offline_grants_not_entered(double count) {
    impl_->offline_grants_not_entered.Set(count);
}

void Metrics::store_healthy(bool healthy, BootInstant at) {
    const std::lock_guard lock{impl_->store_mutex};
    // Reports may come from several threads: an older one does not overwrite a newer one.
    if (impl_->store_reported_at && at < *impl_->store_reported_at) return;
    impl_->store_reported_at = at;
    impl_->store_up.Set(healthy ? 1 : 0);
}

void Metrics::store_operation_took(std::string_view operation, Duration duration) {
    impl_->store_operations.get({operation}, store_buckets()).Observe(seconds(duration));
}

void Metrics::config_reloaded(bool accepted, WallInstant at) {
    (accepted ? impl_->reloads_accepted : impl_->reloads_refused).Increment();
    impl_->last_reload_successful.Set(accepted ? 1 : 0);
    if (accepted) {
        impl_->last_reload_success.Set(std::chrono::duration<double>(at.time_since_epoch()).count());
    }
}

void Metrics::ready(bool ready) {
    impl_->ready.Set(ready ? 1 : 0);
}

void Metrics::fleet_counted(std::size_t up, std::size_t gone, std::size_t orphans, Duration oldest_orphan) {
    impl_->nodes_up.Set(static_cast<double>(up));
    impl_->nodes_gone.Set(static_cast<double>(gone));
    impl_->orphaned_sessions.Set(static_cast<double>(orphans));
    impl_->oldest_orphan.Set(seconds(oldest_orphan));
}

void Metrics::orphans_reaped(std::size_t confirmed, std::size_t unconfirmed, std::size_t failed) {
    impl_->orphans_confirmed.Increment(static_cast<double>(confirmed));
    impl_->orphans_unconfirmed.Increment(static_cast<double>(unconfirmed));
    impl_->orphans_failed.Increment(static_cast<double>(failed));
}

void Metrics::requests_waiting(const Waiting& pending, const Waiting& reviews_due) {
    const std::lock_guard lock{impl_->waiting_mutex};
    impl_->pending = pending;
    impl_->reviews_due = reviews_due;
}

RecordingMetrics& Metrics::recording() {
    return impl_->recording;
}

void Metrics::notification(const std::string& notifier, Notification outcome) {
    constexpr std::array<const char*, 3> words{"delivered", "retried", "given_up"};
    impl_->notifications.get({notifier, words.at(static_cast<std::size_t>(outcome))}).Increment();
}

void Metrics::notifications_waiting(const std::string& notifier, const Waiting& waiting) {
    impl_->set_notifier(notifier, waiting);
}

void Metrics::notifier_gone(const std::string& notifier) {
    impl_->forget_notifier(notifier);
}

void Metrics::audit_head(AuditHead outcome) {
    (outcome == AuditHead::written ? impl_->heads_written : impl_->heads_failed).Increment();
}

void Metrics::audit_events_forwarded(const std::string& receiver, std::size_t events) {
    impl_->events_forwarded.get({receiver}).Increment(static_cast<double>(events));
}

void Metrics::audit_forwarding_failed(const std::string& receiver) {
    impl_->forwarding_failures.get({receiver}).Increment();
}

void Metrics::audit_events_waiting(const std::string& receiver, std::optional<BootInstant> oldest) {
    impl_->events_forwarded.get({receiver});
    impl_->forwarding_failures.get({receiver});
    const std::lock_guard lock{impl_->waiting_mutex};
    impl_->audit_receivers[receiver] = oldest;
}

std::string Metrics::expose(const Scrape& scrape) {
    const std::lock_guard lock{impl_->scrape_mutex};
    impl_->set_scrape_values(scrape);
    std::ostringstream text;
    prometheus::TextSerializer{}.Serialize(text, impl_->registry.Collect());
    return text.str();
}

}  // namespace curfew::metrics
