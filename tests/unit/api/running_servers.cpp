#include "running_servers.hpp"

#include "audit/receipt.hpp"
#include "contract.hpp"

namespace curfew::test {

using namespace std::chrono_literals;

ControlThread::ControlThread() : guard_{context_.get_executor()}, thread_{[this] { context_.run(); }} {}

ControlThread::~ControlThread() {
    guard_.reset();
    context_.stop();
    thread_.join();
}

void ControlThread::await(std::function<api::Awaitable<void>()> made) {
    test::start(context_, made()).get();
}

RunningAdmin::RunningAdmin(api::HttpLimits socket_limits, WallInstant now) : clock{now} {
    api::ApiServerOptions options = usual_options();
    options.socket_limits = socket_limits;
    start(options);
}

api::ApiServerOptions RunningAdmin::usual_options() const {
    api::ApiServerOptions options;
    options.socket_path = socket();
    options.api.node = "db-1";
    options.api.events.least_interval = 0ms;
    return options;
}

void RunningAdmin::start(const api::ApiServerOptions& options, const Behind& behind) {
    const auto& executor = thread_.context().get_executor();
    std::string path = behind.store_path;
    if (path.empty()) path = directory_ / "curfew.db";
    thread_.run([&] { workplace_ = std::make_unique<Workplace>(executor, clock, path, behind.declared); });
    thread_.await([this] { return workplace_->begin(); });
    thread_.run([&] {
        control.store = workplace_->store.get();
        workplace_->when_grants_changed = [this](const auto& grants) { control.grants_changed(grants); };
        server_ = std::make_unique<api::ApiServer>(executor, workplace_->parts(control), options);
        server_->start().value();
    });
}

HttpReply RunningAdmin::request(std::string_view method, std::string_view target, std::string_view body,
                                const Headers& headers) const {
    auto reply = exchange(connect(), method, target, body, headers);
    expect_as_documented(method, target, reply);
    return reply;
}

HttpReply RunningAdmin::request_by_tcp(std::string_view method, std::string_view target,
                                       std::string_view body, const Headers& headers) const {
    auto reply = exchange(RawClient::tcp(port()), method, target, body, headers);
    expect_as_documented(method, target, reply);
    return reply;
}

std::vector<store::GrantCountdown> RunningAdmin::grants() {
    return await([](Workplace& workplace) { return workplace.store->grants(true); }).value();
}

SessionId RunningAdmin::record_live(const std::string& node) {
    store::NewGrant grant;
    grant.subject = {policy::Subject::Kind::user, "alice"};
    grant.resource = "prod";
    grant.length = 1h;
    grant.given_by = "root";
    store::SessionRecord record = example_record();
    record.id = SessionId::generate();
    record.node = node;
    const auto given = await([&](Workplace& workplace) { return workplace.store->add_grant(grant); }).value();
    record.grant = given.grant.id;
    await([&](Workplace& workplace) { return workplace.store->session_started(record); }).value();
    return record.id;
}

void RunningAdmin::register_node(const std::string& name) {
    store::NodeReport report;
    report.name = name;
    report.instance = name;
    report.version = "1.2.3";
    report.address = name + ":6432";
    report.resources = {"prod", "test"};
    report.sessions = 2;
    report.lease = report.sessions_over_within = std::chrono::seconds{30};
    await([&](Workplace& workplace) { return workplace.store->node_lives(report, std::nullopt); }).value();
}

DeliveryId RunningAdmin::notify(const std::string& notifier, const std::string& kind,
                                store::DeliveryOutcome outcome) {
    const auto place =
        await([&](Workplace& workplace) { return workplace.store->place_of_notifier(notifier); }).value();
    const store::DeliveryChanges changes{{{"#dba", kind, "r-00000001", 1, R"({"open": "sesame"})"}}, {}};
    await([&](Workplace& workplace) {
        return workplace.store->take_in_events(notifier, place, place, changes);
    }).value();
    const auto claimed =
        await([&](Workplace& workplace) {
            return workplace.store->claim_deliveries(notifier, "node-a", std::chrono::seconds{30}, 10);
        }).value();
    const auto claim = claimed.at(0).claim;
    await([&](Workplace& workplace) { return workplace.store->finish_delivery(claim, outcome); }).value();
    return claim.id;
}

GrantId RunningAdmin::record(store::SessionRecord session) {
    auto& store = *workplace_->store;
    const auto done = [this](auto task) { return test::start(thread_.context(), std::move(task)).get(); };
    store::NewGrant grant;
    grant.subject = {policy::Subject::Kind::user, session.user};
    grant.resource = session.resource;
    grant.length = 1h;
    session.grant = done(store.add_grant(std::move(grant))).value().grant.id;
    store::SessionEnd end{session.id, session.cause.value_or(policy::EndCause{}), session.confirmation,
                          session.detail};
    end.facts = session.facts;
    const bool ended = session.ended_at.has_value();
    const auto id = session.grant;
    done(store.session_started(std::move(session))).value();
    if (ended) done(store.session_ended(end)).value();
    return id;
}

void RunningAdmin::issue_receipts() {
    auto& store = *workplace_->store;
    const auto done = [this](auto task) { return test::start(thread_.context(), std::move(task)).get(); };
    auto sessions = done(store.sessions_without_receipt("db-1", Duration::zero(), 100)).value();
    store::WriteReceipt write = [](const store::EndedSessionFile& file) {
        return audit::sign_receipt(file, {"db-1", "0.1.0"}, receipt_key());
    };
    done(store.issue_receipts(std::move(sessions), std::move(write))).value();
}

const audit::SigningKey& receipt_key() {
    static const audit::SigningKey key{Ed25519Key::generate()};
    return key;
}

RunningAdmin::~RunningAdmin() {
    stop();
}

void RunningAdmin::stop() {
    if (!server_) return;
    thread_.await([this] { return server_->stop(); });
    thread_.run([this] {
        server_.reset();
        workplace_.reset();
    });
}

proxy::SessionView example_session(const GrantId& grant, WallInstant now) {
    proxy::SessionView session;
    session.id = SessionId::generate();
    session.grant = grant;
    session.user = "alice";
    session.resource = "prod";
    session.database = "orders";
    session.client_address = "192.0.2.7:51234";
    session.application_name = "psql";
    session.phase = proxy::SessionPhase::live;
    session.winding_down = true;
    session.recording = policy::RecordingMode::statements;
    session.tls = true;
    session.backend_pid = 4711;
    session.started_at = now - 30min;
    session.remaining = 90min + 250ms;
    session.bytes_from_client = 1200;
    session.bytes_to_client = 3'400'000;
    return session;
}

store::SessionRecord example_record() {
    store::SessionRecord record;
    record.id = *SessionId::parse("s-0123abcd");
    record.grant = *GrantId::parse("g-0123abcd");
    record.user = "alice";
    record.resource = "prod";
    record.database = "orders";
    record.node = "db-1";
    record.client_address = "192.0.2.7:51234";
    record.application_name = "psql";
    record.backend = {4711, "2020-01-01 09:00:00.123456+00"};
    record.started_at = noon - 3h;
    record.state = store::SessionState::ended;
    record.ended_at = noon - 1h;
    record.cause = policy::EndCause::grant_expired;
    record.confirmation = store::Confirmation::activity;
    record.detail = "1 prepared transaction is left";
    return record;
}

}  // namespace curfew::test
