#include "proxy/session.hpp"

#include <chrono>
#include <utility>

#include "proxy/client_texts.hpp"
#include "proxy/upstream_connection.hpp"
#include "proxy/worker.hpp"

namespace curfew::proxy {

using namespace std::chrono_literals;

namespace {

// A grant that the store no longer lists within this time of its end has ended, and was not revoked: the
// store's clock and our count of what was left differ by as much as was rounded.
constexpr Duration clock_rounding = 50ms;

}  // namespace

Session::Session(Worker& worker, std::string listener, Stream client, Place half_open,
                 std::optional<ScriptEntry> script)
    : worker_{worker},
      node_{worker.node()},
      listener_{std::move(listener)},
      accepted_at_{node_.clock.boot_now()},
      accepted_at_wall_{node_.clock.wall_now()},
      script_{script ? std::make_unique<const ScriptEntry>(std::move(*script)) : nullptr},
      client_address_{script_ ? script_->client : client.peer_address()},
      client_{std::move(client)},
      wake_{std::make_shared<Event>(worker.executor())},
      half_open_{std::move(half_open)},
      writer_{client_} {
    node_.metrics.half_open_changed(+1);
    handshake_timer_ =
        worker_.timer().add(accepted_at_ + worker_.setup()->config->timeouts.handshake, [this] {
            handshake_timer_ = 0;
            timed_out_ = true;
            interrupt();
        });
}

Session::~Session() {
    client_told();
    abandon_recording();
    drop_timers();
    if (cancel_key_.process_id != 0) worker_.key_removed(cancel_key_.process_id);
    if (half_open_) node_.metrics.half_open_changed(-1);
    if (script_ && script_->over) script_->over();
}

// What it awaits here is kept small: every session's memory while it is idle holds this function's.
Awaitable<void> Session::run() {
    const bool live = co_await come_in();
    if (!live) co_return;
    relay_.emplace(client_, *server_, writer_, worker_.buffers(), tape_.get());
    if (commands_) have_commands_judged();
    plan_wind_down();
    const RelayEnd how = co_await relay_->run();
    co_await conclude(how);
}

Awaitable<bool> Session::come_in() {
    Unless failure = co_await open();
    if (!failure && !is_over()) co_return true;
    co_await turn_away(std::move(failure));
    co_return false;
}

void Session::interrupt() {
    client_.interrupt();
    if (server_) server_->interrupt();
    if (tape_) tape_->interrupt();
    if (commands_) commands_->interrupt();
    wake_->notify();
}

void Session::end(policy::EndCause cause, BootInstant since) {
    if (end_ || left_live_state_) return;
    end_ = End{cause, since};
    client_untold_ = true;
    worker_.clients_first().expect();
    interrupt();
}

void Session::abandon() {
    abandoned_ = true;
    if (ending_) ending_->abandon();
}

void Session::reassess(BootInstant since) {
    if (!grant_ || end_) return;
    const Setup& setup = *worker_.setup();
    const config::Resource* resource = setup.config->find_resource(route_.resource);
    const bool physical = startup_.replication == postgres::Replication::physical;
    if (resource == nullptr || (!physical && !resource->allows_database(route_.database))) {
        end(policy::EndCause::resource_removed, since);
        return;
    }
    const policy::Grants& grants = worker_.grants();
    const BootInstant now = node_.clock.boot_now();
    const auto verdict = policy::reassess(attempt(), grant_->id, setup.directory, grants, now);
    if (const auto* cause = std::get_if<policy::EndCause>(&verdict)) {
        const bool at_its_end = *deadline_ - now < clock_rounding;
        if (*cause == policy::EndCause::grant_expired ||
            (*cause == policy::EndCause::grant_revoked && at_its_end)) {
            end(policy::EndCause::grant_expired, std::min(*deadline_, now));
        } else {
            end(*cause, since);
        }
        return;
    }
    const policy::LiveGrant& live = *grants.find(grant_->id);
    grant_ = live.grant;
    outlives_store_ = live.outlives_store;
    const BootInstant deadline = std::get<BootInstant>(verdict);
    if (deadline != *deadline_) set_deadline(deadline);
    plan_wind_down();  // the configuration may be another one
}

// By the configuration of now: a reload may have changed it.
bool Session::ends_with_store() const {
    if (!admitted() || outlives_store_) return false;
    const auto* resource = worker_.setup()->config->find_resource(route_.resource);
    return resource != nullptr && resource->on_store_loss == config::OnStoreLoss::end;
}

void Session::set_deadline(BootInstant deadline) {
    if (deadline_) worker_.deadline_removed(*deadline_);
    deadline_ = deadline;
    worker_.deadline_added(deadline);
    if (deadline_timer_ == 0 || !worker_.timer().move(deadline_timer_, deadline)) {
        deadline_timer_ = worker_.timer().add(deadline, [this] {
            deadline_timer_ = 0;
            end(policy::EndCause::grant_expired, *deadline_);
        });
    }
    if (live_since_) plan_warning();
}

void Session::drop_timers() {
    for (DeadlineQueue::Token* timer :
         {&handshake_timer_, &deadline_timer_, &warning_timer_, &wind_down_timer_}) {
        if (*timer != 0) worker_.timer().remove(*timer);
        *timer = 0;
    }
    if (deadline_) worker_.deadline_removed(*deadline_);
    deadline_.reset();
}

// The next of the warnings that is still to come.
void Session::plan_warning() {
    if (warning_timer_ != 0) worker_.timer().remove(warning_timer_);
    warning_timer_ = 0;
    const BootInstant now = node_.clock.boot_now();
    std::optional<BootInstant> next;
    for (const Duration before : worker_.setup()->config->warnings) {
        const BootInstant when = *deadline_ - before;
        if (when > now && (!next || when < *next)) next = when;
    }
    if (!next) return;
    warning_timer_ = worker_.timer().add(*next, [this] {
        warning_timer_ = 0;
        if (end_ || left_live_state_) return;
        tell_client(warning(*grant_, *deadline_ - node_.clock.boot_now()));
        plan_warning();
    });
}

void Session::plan_wind_down() {
    // A script is one request, which was approved for the time that is left.
    if (!relay_ || end_ || left_live_state_ || script_) return;
    if (wind_down_timer_ != 0) worker_.timer().remove(wind_down_timer_);
    wind_down_timer_ = 0;
    const config::Resource* resource = worker_.setup()->config->find_resource(route_.resource);
    if (resource == nullptr || !resource->wind_down) {
        wind_up();
        return;
    }
    const BootInstant begins = *deadline_ - *resource->wind_down;
    if (begins <= node_.clock.boot_now()) {
        wind_down();
        return;
    }
    wind_up();
    wind_down_timer_ = worker_.timer().add(begins, [this] {
        wind_down_timer_ = 0;
        if (!end_ && !left_live_state_) wind_down();
    });
}

void Session::wind_down() {
    if (winds_down_to_ == deadline_) return;
    relay_->refuse_requests(no_new_transaction(*grant_, worker_.setup()->config->how_to_ask));
    tell_client(winding_down(*grant_, *deadline_ - node_.clock.boot_now()));
    if (!winds_down_to_) node_.changed();
    winds_down_to_ = deadline_;
}

void Session::wind_up() {
    if (!winds_down_to_) return;
    winds_down_to_.reset();
    tell_client(wound_up(*grant_, *deadline_ - node_.clock.boot_now()));
    relay_->allow_requests();
    node_.changed();
}

SessionView Session::view() const {
    SessionView view;
    view.id = id_;
    view.grant = grant_->id;
    view.user = startup_.user;
    view.resource = route_.resource;
    view.database = route_.database;
    view.client_address = client_address_;
    view.application_name = startup_.parameter("application_name");
    if (end_ || left_live_state_) {
        view.phase = SessionPhase::ending;
    } else {
        view.phase = live_since_ ? SessionPhase::live : SessionPhase::handshake;
    }
    view.winding_down = view.phase == SessionPhase::live && winds_down_to_.has_value();
    view.by_command = commands_ != nullptr;
    if (commands_) view.waiting_for = commands_->waiting_for();
    view.recording = recording_;
    view.tls = client_.encrypted();
    view.backend_pid = backend_.pid;
    view.started_at = accepted_at_wall_;
    const BootInstant now = node_.clock.boot_now();
    if (end_) {
        view.remaining = end_->since - now;
        view.cause = end_->cause;
    } else if (deadline_) {
        view.remaining = *deadline_ - now;
    }
    if (relay_) view.bytes_from_client = relay_->bytes_from_client();
    view.bytes_to_client = writer_.bytes_written();
    return view;
}

void Session::report_bytes() {
    if (!relay_ || !resource_) return;
    const std::uint64_t from_client = relay_->bytes_from_client();
    const std::uint64_t to_client = writer_.bytes_written();
    if (from_client == reported_from_client_ && to_client == reported_to_client_) return;
    resource_->metrics->bytes_relayed(from_client - reported_from_client_, to_client - reported_to_client_);
    reported_from_client_ = from_client;
    reported_to_client_ = to_client;
}

Awaitable<void> Session::cancel_statement() {
    // While something is held, all else has been answered.
    if (commands_ && commands_->cancel()) co_return;
    if (!backend_key_ || !resource_) co_return;
    if (tape_ && !recording_over_) tape_->cancel_asked();
    // Copies: the session may be over before PostgreSQL has answered.
    const auto resource = resource_;
    postgres::CancelRequest request{backend_key_->process_id, backend_key_->secret};
    const Duration at_most = worker_.setup()->config->timeouts.upstream_connect;
    co_await send_cancel(worker_.executor(), resource->config, resource->tls.get(), std::move(request),
                         at_most);
}

std::optional<std::uint16_t> Session::upstream_port() const {
    return server_ ? server_->local_port() : std::nullopt;
}

}  // namespace curfew::proxy
