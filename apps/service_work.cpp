// What a service works on: requests, commands, its place among other nodes, and what is written of it all.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "apps/node_report.hpp"
#include "apps/process_identity.hpp"
#include "apps/service_impl.hpp"
#include "base/log.hpp"
#include "workflow/command_grants.hpp"

namespace curfew::apps {
namespace {

// So much later than it is due may be settled what all nodes that share a store wait for.
constexpr Duration due_spread = std::chrono::seconds{1};

}  // namespace

void Service::take_store() {
    const bool shared = !options_.declared.config.store.postgresql.empty();
    registry_.emplace(context_.get_executor(), *store_, enforcement_, std::move(options_.declared),
                      std::move(options_.read_declared));
    registry_->when_requests_changed(
        [this](const workflow::ChangedRequests& changed) { requests_changed(changed); });
    registry_->when_rulebook_changed([this](const workflow::RulebookPtr& rulebook) {
        if (commands_) commands_->use(rulebook);
        if (notifications_) notifications_->use(rulebook);
    });
    if (!shared) return;
    follower_.emplace(context_.get_executor(), *store_, enforcement_, *registry_,
                      [this](const workflow::ChangedRequests& changed) { requests_changed(changed); });
}

// By whomever it was done, on this node or another.
void Service::requests_changed(const workflow::ChangedRequests& changed) {
    if (due_watch_) due_watch_->look_again();
    if (commands_) commands_->requests_changed(changed);
}

// Before the node listens: who connects by command asks at once.
void Service::open_desk() {
    desk_.emplace(*store_, enforcement_, clock_, [this] { return registry_->rulebook(); });
    desk_->when_changed([this](const workflow::ChangedRequests& changed) { requests_changed(changed); });
    desk_->when_glass_broken(
        [this](const policy::Request& request) { metrics_.glass_broken(request.resource); });
    const auto url_of = [this](const RequestId& request) {
        const std::string address = address_for_people(config_);
        return address.empty() ? address : address + "/requests/" + request.text();
    };
    const bool only_node = config_.store.postgresql.empty();
    commands_.emplace(workflow::Commands::Parts{context_.get_executor(), clock_, *store_, enforcement_,
                                                *desk_, url_of, only_node});
    commands_->use(registry_->rulebook());
    options_.node.command_desk = &*commands_;
    scripts_.emplace(script_surroundings());
    previews_.emplace(preview_surroundings());
    desk_->when_preview_wanted(
        [this](workflow::PreviewWanted wanted) { return previews_->make(std::move(wanted)); });
    commands_->when_script_may_run([this](const policy::Request& request) { scripts_->take(request); });
    options_.node.leftovers_ended = [this] { commands_->leftovers_ended(); };
}

execution::ScriptRunner::Surroundings Service::script_surroundings() {
    execution::ScriptRunner::Surroundings around{context_.get_executor(), clock_, {}, {}, {}, {}};
    around.claim = [this](RequestId id) { return commands_->claim(std::move(id)); };
    around.open_door = [this](proxy::ScriptEntry entry) { return node_->open_for_script(std::move(entry)); };
    around.ran = [this](RequestId id, policy::CommandResult result) {
        return commands_->ran(std::move(id), std::move(result));
    };
    around.leave = [this](GrantId grant) { return leave_grant(std::move(grant), "its script is over"); };
    return around;
}

execution::Previewer::Surroundings Service::preview_surroundings() {
    execution::Previewer::Surroundings around{context_.get_executor(), {}, {}, {}};
    around.give = [this](const workflow::PreviewWanted& wanted) {
        return workflow::give_preview_grant(*store_, enforcement_, registry_->rulebook(), wanted.user,
                                            wanted.resource);
    };
    around.open_door = [this](proxy::ScriptEntry entry) { return node_->open_for_script(std::move(entry)); };
    around.leave = [this](GrantId grant) { return leave_grant(std::move(grant), "its preview is made"); };
    return around;
}

Awaitable<void> Service::leave_grant(GrantId grant, std::string why) {
    auto revoking = node_->revoke(grant, {}, std::move(why));
    const auto revoked = co_await std::move(revoking);
    if (!revoked && revoked.error().code != ErrorCode::conflict)
        log::warning("script.grant_left", {{"grant", grant.text()}, {"error", revoked.error().message}});
}

Result<void> Service::open_signing_key() {
    const auto file = config::signing_key_file(config_);
    if (!file) {
        log::warning("audit.unsigned",
                     {{"why",
                       "audit.signing_key_file names no key; heads of the audit trail and receipts "
                       "are not signed"}});
        return {};
    }
    auto opened = audit::SigningKey::open(*file);
    if (!opened) return opened.error();
    signing_key_.emplace(std::move(*opened));
    log::info("audit.key_opened", {{"file", *file}, {"fingerprint", signing_key_->fingerprint()}});
    return {};
}

Awaitable<Result<void>> Service::take_name() {
    store_settings_ = config_.store;
    workflow::MembershipDuties duties;
    duties.report = [this] { return report(); };
    duties.is_dead = is_known_to_have_ended;
    // Two by one name would end each other's sessions.
    duties.name_lost = [this](const std::string& why) {
        failure_ = Error{ErrorCode::conflict, why};
        stop_wanted_ = true;
        asked_.notify();
    };
    duties.see_to_orphans = [this] { return node_->see_to_orphans(); };
    duties.counted = [this](const store::FleetCount& count) {
        metrics_.fleet_counted(count.up, count.gone, count.orphans, count.oldest_orphan);
    };
    membership_.emplace(context_.get_executor(), clock_, *store_, std::move(duties));
    auto beginning = membership_->begin();
    auto begun = co_await std::move(beginning);
    co_return begun;
}

Awaitable<store::NodeReport> Service::report() {
    std::optional<proxy::NodeStatus> status;
    if (node_started_) {
        auto asking = node_->status();
        status = co_await std::move(asking);
    }
    store::NodeReport report = report_of(config_, status);
    report.name = name_;
    report.instance = instance_;
    report.lease = store_settings_.node_lease;
    report.sessions_over_within =
        std::max(report.lease, store_settings_.max_staleness + store_settings_.node_lease / 3);
    co_return report;
}

// Requests: what was taken away while curfewd was down ends before anybody can ask for more.
Awaitable<Result<void>> Service::take_up_work() {
    auto caught_up = co_await registry_->catch_up();
    if (!caught_up) co_return caught_up;
    const Duration spread = follower_ ? due_spread : Duration::zero();
    due_watch_.emplace(context_.get_executor(), clock_, *store_, *desk_, spread);
    due_watch_->when_counted([this](const store::WaitingRequests& waiting) {
        metrics_.requests_waiting({waiting.pending.count, waiting.pending.oldest},
                                  {waiting.reviews_due.count, waiting.reviews_due.oldest});
    });
    notifications_.emplace(clock_, *store_, metrics_, name_);
    notifications_->use(registry_->rulebook());
    auto receivers = audit::receivers_of(config_.audit, clock_, name_);
    if (!receivers.empty()) forwarding_.emplace(clock_, *store_, metrics_, name_, std::move(receivers));
    if (signing_key_) {
        const audit::ReceiptIssuer issuer{name_, std::string{version}};
        receipts_.emplace(context_.get_executor(), *store_, *signing_key_, issuer);
        watching_.spawn(receipts_->run());
        const audit::HeadSigner signer{*store_, *signing_key_, clock_, name_};
        heads_.emplace(context_.get_executor(), signer, config_.audit.heads, metrics_);
        watching_.spawn(heads_->run());
    }
    watching_.spawn(due_watch_->run());
    watching_.spawn(commands_->run());
    watching_.spawn(membership_->run());
    if (follower_) watching_.spawn(follower_->run());
    co_return Result<void>{};
}

}  // namespace curfew::apps
