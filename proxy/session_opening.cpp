// A session from accept to its first ReadyForQuery: each step lets it go on, or says why not.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "base/log.hpp"
#include "protocol/postgres/client_greeting.hpp"
#include "proxy/client_texts.hpp"
#include "proxy/command_texts.hpp"
#include "proxy/ephemeral_roles.hpp"
#include "proxy/greeting.hpp"
#include "proxy/person_login.hpp"
#include "proxy/run_on.hpp"
#include "proxy/session.hpp"
#include "proxy/upstream_connection.hpp"
#include "proxy/worker.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

// SQLSTATE cannot_connect_now: libpq then tries the next host of its list.
constexpr std::string_view cannot_connect_now = "57P03";

Failure interrupted() {
    Dropped dropped{"interrupted", {}};
    return dropped;
}

const config::Listener* find_listener(const config::Config& config, const std::string& name) {
    for (const config::Listener& listener : config.listeners) {
        if (listener.name == name) return &listener;
    }
    return nullptr;
}

// What a step that goes on without the session leaves its result in.
template <class T>
struct Box {
    std::optional<T> value;
};

template <class T>
Awaitable<void> put(std::shared_ptr<Box<T>> box, std::shared_ptr<Event> event, Awaitable<T> task) {
    box->value.emplace(co_await std::move(task));
    event->notify();
}

// Keeps all that the connection needs, should it outlive the session.
Awaitable<Result<Stream>> connect(asio::any_io_executor executor,
                                  std::shared_ptr<const ResourceContext> resource, TlsAttempt attempt,
                                  Duration at_most) {
    co_return co_await connect_upstream(executor, resource->config, resource->tls.get(), attempt, at_most);
}

}  // namespace

template <class T>
Awaitable<std::optional<T>> Session::unless_ended(Awaitable<T> task) {
    const auto box = std::make_shared<Box<T>>();
    asio::co_spawn(worker_.executor(), put(box, wake_, std::move(task)), asio::detached);
    while (!box->value && !is_over())
        co_await wake_->wait();
    if (is_over()) co_return std::nullopt;
    co_return std::move(box->value);
}

Awaitable<Unless> Session::open() {
    Unless failure = co_await greet_client();
    if (!failure) failure = find_resource();
    if (!failure) failure = co_await authenticate();
    if (!failure) failure = co_await admit();
    if (!failure) failure = co_await reach_and_log_in();
    if (!failure && !grant_) failure = co_await come_by_command();
    if (!failure) failure = co_await begin();
    co_return failure;
}

Awaitable<Unless> Session::greet_client() {
    const auto setup = worker_.setup();  // its TLS context must last until the handshake is through
    const config::Listener* listener = find_listener(*setup->config, listener_);
    if (listener == nullptr && !script_) {
        Dropped closed{"listener_closed", {}};
        co_return Failure{std::move(closed)};
    }
    const auto tls = setup->listener_tls.find(listener_);
    SSL_CTX* context = tls == setup->listener_tls.end() ? nullptr : tls->second.get();
    const auto mode = script_ ? config::ClientTls::disable : listener->tls.mode;
    Greeted greeted = co_await greet(client_, mode, context);
    if (auto* startup = std::get_if<postgres::StartupMessage>(&greeted)) {
        startup_ = std::move(*startup);
        if (script_) come_for_script();
        greeted_ = true;
        co_return std::nullopt;
    }
    if (auto* refusal = std::get_if<Refusal>(&greeted)) {
        greeted_ = true;
        co_return Failure{std::move(*refusal)};
    }
    if (auto* cancel = std::get_if<postgres::CancelRequest>(&greeted))
        co_return co_await pass_cancel_on(std::move(*cancel));
    co_return Failure{std::move(std::get<Dropped>(greeted))};
}

// The node has opened the connection itself, and knows whom it is for.
void Session::come_for_script() {
    startup_.user = script_->user;
    startup_.database = script_->resource + '/' + script_->database;
    came_by_ = script_->grant;
}

// Whichever thread took the request, the session that it is for lives on the one that its process id names.
Awaitable<Unless> Session::pass_cancel_on(postgres::CancelRequest request) {
    const unsigned owner = postgres::worker_of(request.process_id);
    if (owner < node_.workers.size()) {
        Worker& worker = *node_.workers[owner];
        co_await run_on(worker.executor(), worker.cancel(std::move(request)));
    } else {
        node_.metrics.cancel_request(false);
    }
    Dropped done{"cancel_request", {}};
    co_return Failure{std::move(done)};
}

Unless Session::find_resource() {
    const Setup& setup = *worker_.setup();
    const config::Listener* listener = find_listener(*setup.config, listener_);
    auto route = find_route(startup_, listener == nullptr ? std::nullopt : listener->resource, *setup.config);
    if (auto* none = std::get_if<NoRoute>(&route)) {
        route_.resource = std::move(none->resource);  // for the log and the metrics
        return Failure{std::move(none->refusal)};
    }
    route_ = std::move(std::get<Route>(route));
    resource_ = setup.resources.find(route_.resource)->second;
    if (resource_->config.reserves_role(startup_.user)) {
        return Failure{refuse("28000",
                              "role \"" + startup_.user + "\" of resource \"" + route_.resource +
                                  "\" is Curfew's own: nobody can be it through Curfew",
                              "reserved_role", {}, "Connect as yourself.")};
    }
    return std::nullopt;
}

Awaitable<Unless> Session::authenticate() {
    if (script_) {
        if (resource_->config.authenticates_people()) co_return std::nullopt;
        co_return Failure{refuse("28000",
                                 "Curfew cannot log in to resource \"" + route_.resource +
                                     "\" by itself: there people log in with passwords that it does not know "
                                     "(login: passthrough)",
                                 "script_refused")};
    }
    if (!resource_->config.authenticates_people()) co_return std::nullopt;
    const auto setup = worker_.setup();
    std::optional<Secret> verifier;  // a copy: the grants may be others before the client has answered
    const policy::LiveGrant* grant =
        policy::grant_with_credential(comes_by_offline_grant() ? attempt_without_store() : attempt(),
                                      setup->directory, worker_.grants(), node_.clock.boot_now());
    if (resource_->config.takes_passwords() && grant != nullptr) {
        verifier = grant->grant.verifier;
        came_by_ = grant->grant.id;
    }
    Unless failure = co_await authenticate_person(client_, startup_.user, resource_->config, *setup->config,
                                                  verifier ? &*verifier : nullptr, node_.installation_secret);
    co_return failure;
}

policy::Attempt Session::attempt() const {
    return {startup_.user, route_.resource, startup_.replication != postgres::Replication::none,
            came_by_ ? &*came_by_ : nullptr};
}

policy::Attempt Session::attempt_without_store() const {
    policy::Attempt wish = attempt();
    wish.store_away = true;
    return wish;
}

bool Session::comes_by_offline_grant() const {
    if (node_.store_answers.load(std::memory_order_relaxed) && worker_.is_current()) return false;
    const auto decision = policy::admit(attempt_without_store(), worker_.setup()->directory, worker_.grants(),
                                        node_.clock.boot_now());
    return std::holds_alternative<policy::Admitted>(decision);
}

Awaitable<Unless> Session::admit() {
    const BootInstant begun = node_.clock.boot_now();
    Unless closed = door_is_closed();
    if (closed) co_return closed;
    const auto decision = decide();
    node_.metrics.admission_took(node_.clock.boot_now() - begun);
    if (const auto* refusal = std::get_if<policy::Refusal>(&decision)) {
        if (may_come_by_command(*refusal)) {
            // No grant is given to somebody who only says who they are.
            if (!resource_->config.authenticates_people()) co_return std::nullopt;
            co_return co_await come_by_command();
        }
    }
    co_return take_in(decision);
}

// Nobody is let in now, whoever it is.
Unless Session::door_is_closed() const {
    if (!worker_.admitting()) {
        return Failure{refuse(cannot_connect_now, "Curfew is shutting down", "node_stopping", {},
                              "Try again later, or another node.")};
    }
    if (!worker_.is_current() && !comes_by_offline_grant()) return Failure{store_is_away()};
    if (worker_.is_closed(route_.resource)) {
        return Failure{refuse(cannot_connect_now,
                              "resource \"" + route_.resource +
                                  "\" is closed until the backends of an earlier run are known to be gone",
                              "leftover_backends", {}, "Try again later.")};
    }
    return std::nullopt;
}

std::variant<policy::Admitted, policy::Refusal> Session::decide() const {
    return policy::admit(comes_by_offline_grant() ? attempt_without_store() : attempt(),
                         worker_.setup()->directory, worker_.grants(), node_.clock.boot_now());
}

Unless Session::take_in(const std::variant<policy::Admitted, policy::Refusal>& decision) {
    const Setup& setup = *worker_.setup();
    if (const auto* refusal = std::get_if<policy::Refusal>(&decision))
        return Failure{not_admitted(*refusal, attempt(), setup.config->how_to_ask)};
    if (resource_->config.login == config::LoginMode::ephemeral &&
        startup_.replication != postgres::Replication::none) {
        // Only a superuser could give the role that right.
        return Failure{refuse("28000",
                              "resource \"" + route_.resource +
                                  "\" takes no replication connections: there people have roles that Curfew "
                                  "makes (login: ephemeral)",
                              "replication_refused")};
    }
    const policy::LiveGrant& live = *std::get<policy::Admitted>(decision).grant;
    if (live.grant.use == policy::GrantUse::commands && node_.command_desk == nullptr)
        return Failure{no_command_desk(route_.resource)};
    place_ = Place{node_.sessions, setup.config->limits.sessions};
    if (!place_) {
        return Failure{refuse("53300", "Curfew has as many sessions as it may have (limits.sessions)",
                              "session_limit", {}, "Try again when others have left.")};
    }
    grant_ = live.grant;
    grant_->verifier.reset();  // served its turn
    outlives_store_ = live.outlives_store;
    set_deadline(live.ends);
    return std::nullopt;
}

// As whom to log in to PostgreSQL; where nobody but the client knows, just the name.
Awaitable<Unless> Session::choose_role(std::optional<config::UpstreamRole>& role) {
    const config::Resource& resource = resource_->config;
    role.emplace();
    role->user = startup_.user;
    if (resource.role) role = resource.role;
    if (resource.login == config::LoginMode::ephemeral) {
        Result<config::UpstreamRole> made =
            Error{ErrorCode::unavailable, "this node makes no ephemeral roles"};
        if (node_.ephemeral_roles != nullptr) {
            auto making = node_.ephemeral_roles->role_for(route_.resource, startup_.user, grant_->id);
            auto answer = co_await unless_ended(std::move(making));
            if (!answer) co_return interrupted();
            made = std::move(*answer);
        }
        if (!made) {
            co_return Failure{
                refuse(cannot_connect_now,
                       "Curfew cannot make a role for you in resource \"" + route_.resource +
                           "\" now, and without one nobody gets in",
                       "ephemeral_role_unavailable", made.error().message,
                       "Try again; if it lasts, tell an administrator: Curfew's log says why.")};
        }
        role = std::move(*made);
    }
    login_role_ = role->user;
    co_return std::nullopt;
}

Awaitable<Unless> Session::reach_and_log_in() {
    auto attempt = TlsAttempt::as_configured;
    std::optional<config::UpstreamRole> role;
    int passwords_left = 3;  // another node may have set another one in between
    for (;;) {
        if (!role) {
            Unless without = co_await choose_role(role);
            if (without) co_return without;
        }
        const Duration at_most = worker_.setup()->config->timeouts.upstream_connect;
        auto connected = co_await unless_ended(connect(worker_.executor(), resource_, attempt, at_most));
        if (!connected) co_return interrupted();
        if (!*connected) {
            co_return Failure{refuse("08006",
                                     "PostgreSQL of resource \"" + route_.resource + "\" cannot be reached",
                                     "upstream_unavailable", connected->error().message, "Try again later.")};
        }
        auto trouble = LoginTrouble::none;
        Unless failure = co_await log_in(std::move(**connected), *role, trouble);
        if (!failure) co_return failure;
        if (trouble == LoginTrouble::plaintext_refused && attempt != TlsAttempt::insist) {
            attempt = TlsAttempt::insist;
        } else if (trouble == LoginTrouble::password_refused &&
                   resource_->config.login == config::LoginMode::ephemeral && --passwords_left > 0) {
            co_await node_.ephemeral_roles->distrust(route_.resource, startup_.user, grant_->id);
            role.reset();
        } else {
            co_return failure;
        }
    }
}

Awaitable<Unless> Session::log_in(Stream server, const config::UpstreamRole& role, LoginTrouble& trouble) {
    server_.emplace(std::move(server));
    if (is_over()) co_return interrupted();
    postgres::StartupMessage startup = startup_;
    startup.version = postgres::protocol_3_0;  // with PostgreSQL; what is spoken with the client is apart
    startup.database = route_.database;
    if (resource_->config.authenticates_people()) {
        co_return co_await log_in_managed(client_, *server_, std::move(startup), role, resource_->config,
                                          trouble);
    }
    co_return co_await log_in_passthrough(client_, *server_, std::move(startup), resource_->config, trouble);
}

Awaitable<Unless> Session::begin() {
    auto ready = co_await await_ready(client_, *server_, route_.resource);
    if (auto* refusal = std::get_if<Refusal>(&ready)) co_return Failure{std::move(*refusal)};
    if (auto* dropped = std::get_if<Dropped>(&ready)) co_return Failure{std::move(*dropped)};
    auto& begun = std::get<Begun>(ready);
    backend_key_ = std::move(begun.key);
    if (backend_key_) backend_.pid = backend_key_->process_id;

    Unless failure = co_await identify_backend();
    if (!failure) failure = co_await begin_recording();
    if (!failure) failure = co_await record_start();
    // Time has passed since the decision to admit: it is taken again before anything is relayed.
    if (!failure) failure = still_admitted();
    if (!failure) failure = begin_commands(begun);
    if (failure) co_return failure;

    choose_cancel_key();
    std::string told;
    for (const std::string& notice : first_notices()) {
        if (tape_) tape_->said(notice);
        told += notice;
    }
    told += postgres::backend_key_data(cancel_key_.process_id, cancel_key_.secret);
    told += postgres::ready_for_query(begun.status);
    const Stream::Status written = co_await client_.write_all(told);
    if (written == Stream::Status::interrupted) co_return interrupted();
    if (written != Stream::Status::ok) {
        Dropped gone{"client_closed", {}};
        co_return Failure{std::move(gone)};
    }
    if (is_over()) co_return interrupted();
    go_live();
    co_return std::nullopt;
}

// Which backend this is must be known before anything can be asked of it: later it may be too busy to say.
Awaitable<Unless> Session::identify_backend() {
    const auto admin = resource_->admin;
    if (!admin) co_return std::nullopt;
    if (backend_.pid > 0) {
        const Duration at_most = worker_.setup()->config->timeouts.upstream_connect;
        const auto up = co_await unless_ended(admin->wait_until_up(at_most));
        if (!up) co_return interrupted();
        const BackendAdmin::Peer peer{backend_.pid, upstream_port()};
        auto backend = co_await unless_ended(admin->identify(peer));
        if (!backend) co_return interrupted();
        if (*backend) {
            backend_ = std::move(**backend);
        } else {
            log::error("backend.not_identified", {{"session", id_.text()},
                                                  {"resource", route_.resource},
                                                  {"backend_pid", backend_.pid},
                                                  {"error", backend->error().message}});
        }
    }
    if (backend_.started.empty()) {
        // What cannot be ended for certain is not begun.
        co_return Failure{
            refuse(cannot_connect_now,
                   "the administrative login of resource \"" + route_.resource +
                       "\" does not work, and without it the end of a session could not be proven",
                   "admin_login_unavailable", {}, "Tell an administrator: Curfew's log says why.")};
    }
    if (startup_.replication != postgres::Replication::none) {
        auto slots = co_await unless_ended(admin->replication_slots());
        if (!slots) co_return interrupted();
        if (*slots) slots_before_ = std::move(**slots);
    }
    co_return std::nullopt;
}

Awaitable<Unless> Session::record_start() {
    store::SessionRecord record;
    record.id = id_;
    record.grant = grant_->id;
    record.user = startup_.user;
    record.resource = route_.resource;
    record.database = route_.database;
    record.node = node_.node_name;
    record.client_address = client_address_;
    record.application_name = startup_.parameter("application_name");
    record.backend = backend_;
    record.started_at = node_.clock.wall_now();
    record.facts.recording = recording_;
    recorded_ = true;  // from here on it may be, whatever the answer
    auto recording = outlives_store_ && node_.start_offline_session
                         ? node_.start_offline_session(std::move(record))
                         : node_.store.session_started(std::move(record));
    const auto recorded = co_await unless_ended(std::move(recording));
    if (!recorded) co_return interrupted();
    if (*recorded) co_return std::nullopt;
    Refusal refusal = store_is_away();
    refusal.detail = recorded->error().message;
    co_return Failure{std::move(refusal)};
}

Unless Session::still_admitted() const {
    if (is_over()) return interrupted();
    if (node_.clock.boot_now() >= *deadline_) return interrupted();  // its timer is about to say so
    if (!outlives_store_ && !worker_.is_current()) return Failure{store_is_away()};
    return std::nullopt;
}

std::vector<std::string> Session::first_notices() const {
    std::vector<std::string> notices{banner(*grant_, *deadline_ - node_.clock.boot_now())};
    if (auto by_command = commands_ ? commands_->banner() : std::nullopt)
        notices.push_back(std::move(*by_command));
    return notices;
}

void Session::choose_cancel_key() {
    const std::uint32_t version = postgres::choose_protocol(startup_).version;
    do {
        cancel_key_ = postgres::make_cancel_key(version, worker_.number());
    } while (worker_.key_taken(cancel_key_.process_id));
    worker_.key_added(cancel_key_.process_id, this);
}

void Session::go_live() {
    const BootInstant now = node_.clock.boot_now();
    live_since_ = now;
    worker_.timer().remove(handshake_timer_);
    handshake_timer_ = 0;
    if (half_open_) node_.metrics.half_open_changed(-1);
    half_open_.release();
    plan_warning();
    node_.metrics.admission(route_.resource, metrics::AdmissionDecision::admitted, "");
    resource_->metrics->session_started();
    resource_->metrics->handshake_took(now - accepted_at_);
    log::info("session.admitted",
              {{"session", id_.text()},
               {"grant", grant_->id.text()},
               {"user", startup_.user},
               {"resource", route_.resource},
               {"database", route_.database},
               {"client", client_address_},
               {"tls", client_.encrypted()},
               {"replication", startup_.replication != postgres::Replication::none},
               {"application_name", startup_.parameter("application_name")},
               {"backend_pid", backend_.pid},
               {"remaining_ms", std::chrono::floor<std::chrono::milliseconds>(*deadline_ - now).count()}});
    node_.changed();
}

}  // namespace curfew::proxy
