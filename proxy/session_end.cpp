// A session's end: the client is told and left, the backend is ended and proven gone, and what became of both
// is written down.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "proxy/client_texts.hpp"
#include "proxy/farewell.hpp"
#include "proxy/left_behind.hpp"
#include "proxy/session.hpp"
#include "proxy/task_group.hpp"
#include "proxy/worker.hpp"

namespace curfew::proxy {

using namespace std::chrono_literals;

namespace {

// How long a client that nobody is in a hurry to be rid of may take to read what it was told.
constexpr Duration unhurried_farewell = 1s;
// How long backends live on while clients of other sessions that end at the same time are told.
constexpr Duration patience_with_clients = 25ms;

double in_milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>{std::max(duration, Duration::zero())}.count();
}

}  // namespace

// --- What never became a session
// ----------------------------------------------------------------------------

Awaitable<void> Session::turn_away(Unless failure) {
    log_turned_away(failure);
    const BootInstant now = node_.clock.boot_now();
    const config::Config& config = *worker_.setup()->config;
    Duration budget = unhurried_farewell;
    std::string words;
    if (end_) {
        budget = config.timeouts.farewell;
        words = grant_ ? last_words_now() : turned_away(end_->cause);
    } else if (timed_out_) {
        budget = config.timeouts.farewell;
        words = refuse("08006", "the connection was not set up in time (timeouts.handshake)", "").bytes;
    } else if (failure) {
        if (auto* refusal = std::get_if<Refusal>(&*failure)) words = std::move(refusal->bytes);
    }
    if (!greeted_) words.clear();  // in the middle of the first packets, or of TLS
    drop_timers();
    client_.resume();
    if (server_) server_->resume();
    const BootInstant since = end_ ? end_->since : now;
    const auto cause = end_ ? end_->cause : policy::EndCause::failed;
    if (recorded_) node_.recorder.ending(id_, cause);

    TaskGroup tasks{worker_.executor()};
    std::optional<BootInstant> left_at;
    std::optional<BackendEnded> backend;
    const std::string last_words = words;
    tasks.spawn(leave_client(std::move(words), now + budget, left_at));
    if (recorded_) {
        tasks.spawn(end_backend(backend));
    } else if (server_) {
        server_->close();  // a backend that waits for a password, or for a first request, leaves
    }
    co_await tasks.join();
    const BackendEnded ended = backend.value_or(BackendEnded{});
    const auto recording = co_await finish_recording(cause, last_words, ended);
    if (backend) record_end(cause, since, *backend, left_at, recording);
}

void Session::log_turned_away(const Unless& failure) const {
    std::string reason;
    std::string detail;
    bool refused = false;
    if (end_) {
        reason = to_string(end_->cause);
        refused = true;
    } else if (timed_out_) {
        reason = "handshake_timeout";
    } else if (const auto* refusal = std::get_if<Refusal>(&*failure)) {
        reason = refusal->reason;
        detail = refusal->detail;
        refused = reason != "protocol_error";
    } else {
        reason = std::get<Dropped>(*failure).reason;
        detail = std::get<Dropped>(*failure).detail;
        if (reason == "cancel_request") return;
    }
    if (refused) {
        node_.metrics.admission(route_.resource, metrics::AdmissionDecision::refused, reason);
        log::warning("session.refused", {{"listener", listener_},
                                         {"client", client_address_},
                                         {"user", startup_.user},
                                         {"resource", route_.resource},
                                         {"reason", reason},
                                         {"detail", detail}});
    } else {
        node_.metrics.connection_dropped(reason);
        log::info(
            "connection.dropped",
            {{"listener", listener_}, {"client", client_address_}, {"reason", reason}, {"detail", detail}});
    }
}

Awaitable<void> Session::conclude(RelayEnd how) {
    if (end_) {
        co_await tear_down(end_->cause, end_->since, last_words_now());
    } else if (how == RelayEnd::client_violation) {
        co_await tear_down(policy::EndCause::failed, node_.clock.boot_now(),
                           refuse("08P01", "a message's length is one that no message can have", "").bytes);
    } else if (how == RelayEnd::server_violation) {
        co_await tear_down(policy::EndCause::failed, node_.clock.boot_now(), {});
    } else if (server_->lost()) {
        // The backend has not said that it ended, and may be in the middle of something.
        std::string words = refuse("08006", "the connection to PostgreSQL was lost", "").bytes;
        auto ending = tear_down(policy::EndCause::failed, node_.clock.boot_now(), std::move(words));
        co_await std::move(ending);
    } else {
        co_await finish_normally(how);
    }
    if (commands_) co_await settle_commands();
}

// --- A session that ends by itself
// --------------------------------------------------------------------------

Awaitable<void> Session::finish_normally(RelayEnd how) {
    const auto cause = how == RelayEnd::client_left || relay_->client_left()
                           ? policy::EndCause::client_closed
                           : policy::EndCause::server_closed;
    const BootInstant now = node_.clock.boot_now();
    leave_live_state(cause);
    server_->close();
    std::optional<BootInstant> left_at;
    co_await leave_client({}, now + unhurried_farewell, left_at);
    BackendEnded backend;
    backend.confirmation = store::Confirmation::eof;
    backend.gone_at = now;  // its side of the connection is closed
    const auto recording = co_await finish_recording(cause, {}, backend);
    record_end(cause, now, backend, left_at, recording);
    co_await report_left_behind();
}

// --- Teardown
// -----------------------------------------------------------------------------------------------

std::string Session::last_words_now() const {
    const bool terminated = (resource_->admin && resource_->admin->up()) || !relay_ || relay_->idle();
    return last_words(end_->cause, *grant_, terminated ? EndsBy::terminate : EndsBy::cancel,
                      worker_.setup()->config->how_to_ask);
}

Awaitable<void> Session::tear_down(policy::EndCause cause, BootInstant since, std::string words) {
    leave_live_state(cause);
    client_.resume();
    server_->resume();
    node_.recorder.ending(id_, cause);

    // Neither waits for the other, once all whose sessions end with this one have been told.
    TaskGroup tasks{worker_.executor()};
    std::optional<BootInstant> left_at;
    std::optional<BackendEnded> backend;
    const BootInstant until = node_.clock.boot_now() + worker_.setup()->config->timeouts.farewell;
    if (tape_ && !words.empty()) tape_->said(words);
    tasks.spawn(leave_client(words, until, left_at));
    co_await worker_.clients_first().all_told(patience_with_clients);
    tasks.spawn(end_backend(backend));
    log::info("session.ending", {{"session", id_.text()},
                                 {"grant", grant_->id.text()},
                                 {"user", startup_.user},
                                 {"resource", route_.resource},
                                 {"cause", to_string(cause)},
                                 {"backend_pid", backend_.pid}});
    node_.changed();
    co_await tasks.join();
    const auto recording = co_await finish_recording(cause, words, *backend);
    record_end(cause, since, *backend, left_at, recording);
    co_await report_left_behind();
}

void Session::leave_live_state(policy::EndCause cause) {
    left_live_state_ = true;
    drop_timers();
    if (cancel_key_.process_id != 0) worker_.key_removed(cancel_key_.process_id);
    report_bytes();
    place_.release();
    resource_->metrics->session_ended(cause, node_.clock.boot_now() - *live_since_);
}

Awaitable<void> Session::end_backend(std::optional<BackendEnded>& ended) {
    BackendInQuestion backend{backend_, backend_key_, relay_ ? relay_->idle() : true,
                              relay_ ? &relay_->outcome() : nullptr};
    ending_ =
        std::make_unique<BackendEnding>(*server_, resource_, std::move(backend), node_.clock, worker_.timer(),
                                        worker_.setup()->config->timeouts.upstream_connect);
    if (abandoned_) ending_->abandon();
    resource_->metrics->unconfirmed_backends_changed(+1);
    node_.unconfirmed_backends.fetch_add(1, std::memory_order_relaxed);
    ended = co_await ending_->run();
    resource_->metrics->unconfirmed_backends_changed(-1);
    node_.unconfirmed_backends.fetch_sub(1, std::memory_order_relaxed);
}

Awaitable<void> Session::leave_client(std::string words, BootInstant until,
                                      std::optional<BootInstant>& left_at) {
    ClientWriter* writer = live_since_ ? &writer_ : nullptr;
    std::function<void()> over = [this, &left_at] {
        left_at = node_.clock.boot_now();
        client_told();
    };
    const auto undelivered = end_ ? Undelivered::dropped : Undelivered::delivered;
    auto leaving =
        bid_farewell(client_, writer, worker_.timer(), until, std::move(words), std::move(over), undelivered);
    co_await std::move(leaving);
}

void Session::client_told() {
    if (std::exchange(client_untold_, false)) worker_.clients_first().told();
}

void Session::record_end(policy::EndCause cause, BootInstant since, const BackendEnded& backend,
                         std::optional<BootInstant> client_left_at, const recording::Finished& recording) {
    if (backend.confirmation == store::Confirmation::unconfirmed)
        resource_->metrics->backend_end_unconfirmed();
    store::SessionEnd end{id_, cause, backend.confirmation, backend.detail, client_left_at, backend.gone_at};
    const auto level =
        backend.confirmation == store::Confirmation::unconfirmed ? log::Level::error : log::Level::info;
    const std::string_view confirmation = store::to_string(backend.confirmation);
    const std::uint64_t from_client = relay_ ? relay_->bytes_from_client() : 0;
    note_recording(end, recording);
    const policy::TransactionOutcome last = outcome(backend);
    end.facts.transaction_outcome = last;
    end.facts.bytes_from_client = from_client;
    end.facts.bytes_to_client = writer_.bytes_written();
    if (is_enforced(cause) && live_since_) {
        const Duration client_overstay = client_left_at ? *client_left_at - since : Duration::zero();
        resource_->metrics->client_overstayed(cause, client_overstay);
        const Duration backend_overstay = backend.gone_at.value_or(node_.clock.boot_now()) - since;
        if (backend.gone_at) resource_->metrics->backend_overstayed(cause, backend_overstay);
        if (client_left_at) end.facts.client_overstay = std::max(client_overstay, Duration::zero());
        if (backend.gone_at) end.facts.backend_overstay = std::max(backend_overstay, Duration::zero());
        log::write(level, "session.ended",
                   {{"session", id_.text()},
                    {"grant", grant_->id.text()},
                    {"user", startup_.user},
                    {"resource", route_.resource},
                    {"cause", to_string(cause)},
                    {"confirmation", confirmation},
                    {"client_overstay_ms", in_milliseconds(client_overstay)},
                    {"backend_overstay_ms", in_milliseconds(backend_overstay)},
                    {"bytes_from_client", from_client},
                    {"bytes_to_client", writer_.bytes_written()},
                    {"transaction_outcome", to_string(last)},
                    {"detail", backend.detail}});
    } else {
        log::write(level, "session.ended",
                   {{"session", id_.text()},
                    {"grant", grant_->id.text()},
                    {"user", startup_.user},
                    {"resource", route_.resource},
                    {"cause", to_string(cause)},
                    {"confirmation", confirmation},
                    {"bytes_from_client", from_client},
                    {"bytes_to_client", writer_.bytes_written()},
                    {"transaction_outcome", to_string(last)},
                    {"detail", backend.detail}});
    }
    node_.recorder.ended(std::move(end));
    node_.changed();
}

// A prepared transaction keeps its locks, a slot keeps WAL: both outlive the session that made them.
Awaitable<void> Session::report_left_behind() {
    const auto admin = resource_->admin;
    if (!admin || backend_.started.empty() || !admin->up()) co_return;
    EndedSession ended;
    ended.id = id_;
    ended.user = startup_.user;
    ended.trace.role = login_role_;
    ended.trace.database = route_.database;
    ended.trace.started = backend_.started;
    if (startup_.replication != postgres::Replication::none) ended.slots_before = slots_before_;
    auto seeing = see_to_left_behind(*admin, std::move(ended));
    co_await std::move(seeing);
}

}  // namespace curfew::proxy
