#include "proxy/offline_grants.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/duration.hpp"
#include "base/ed25519.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "policy/offline_judgement.hpp"
#include "protocol/postgres/grant_password.hpp"

namespace curfew::proxy {
namespace {

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
    return fmt::format("{}", fmt::join(texts, between));
}

Error not_configured() {
    return {ErrorCode::invalid,
            "this node takes no grants that are signed offline; its configuration has no offline_grants"};
}

policy::LiveGrant live_grant(const OfflineRecord& record) {
    const policy::OfflineGrant& signed_grant = record.acceptance.document.grant;
    policy::LiveGrant live;
    live.grant.id = record.acceptance.grant;
    live.grant.subject = {policy::Subject::Kind::user, record.acceptance.user};
    live.grant.resource = signed_grant.resource;
    live.grant.window = {record.at,
                         record.at + std::chrono::floor<std::chrono::milliseconds>(signed_grant.duration)};
    live.grant.reason = signed_grant.reason;
    live.grant.given_by = record.acceptance.signers.back();
    live.grant.given_at = record.at;
    live.grant.request = record.acceptance.request;
    live.grant.verifier = record.verifier;
    live.starts = record.boot_at;
    live.ends = record.boot_at + signed_grant.duration;
    live.outlives_store = true;
    return live;
}

}  // namespace

OfflineGrants::OfflineGrants(const Clock& clock, metrics::Metrics& metrics, std::string node)
    : clock_{clock}, metrics_{metrics}, node_{std::move(node)} {}

Result<void> OfflineGrants::open(const config::Config& config) {
    if (!config.offline_grants) return {};
    auto opened = OfflineJournal::open(config.offline_grants->directory);
    if (!opened) return opened.error();
    journal_.emplace(std::move(*opened));
    report();
    return {};
}

Result<OfflineGrants::Taken> OfflineGrants::take(std::string_view text, const std::string& actor,
                                                 OfflineTrial trial, const Setup& setup) {
    const auto& settings = setup.config->offline_grants;
    if (!settings || !journal_) return not_configured();
    auto document = policy::parse_offline_document(text);
    if (!document) return document.error();
    const policy::OfflineGrant& grant = document->grant;
    const config::Resource* resource = setup.config->find_resource(grant.resource);
    const policy::OfflinePlace place{node_, resource != nullptr, clock_.wall_now()};
    auto verdict = policy::judge(*document, settings->terms, place, setup.directory, ed25519_verify);
    if (!verdict) return verdict.error();
    if (journal_->find_document(grant.id) != nullptr) {
        return Error{
            ErrorCode::conflict,
            fmt::format("document {} was used already, and is good once; have another one signed", grant.id)};
    }
    OfflineRecord record;
    record.acceptance.user = std::move(verdict->user);
    record.acceptance.signers = std::move(verdict->signers.counted);
    record.acceptance.document = std::move(*document);
    record.submitted_by = actor;
    record.at = place.now;
    record.boot = boot_;
    record.boot_at = clock_.boot_now();
    Taken taken;
    taken.told.remarks = std::move(verdict->signers.remarks);
    if (trial == OfflineTrial::only_look) {
        taken.told.grant = view_of(record);
        return taken;
    }
    record.acceptance.grant = GrantId::generate();
    record.acceptance.request = RequestId::generate();
    if (resource->takes_passwords()) {
        auto made = postgres::make_grant_password();
        record.verifier = std::move(made.verifier);
        taken.told.password = std::move(made.password);
    }
    // Used up before it is good for anything.
    if (auto written = journal_->add(record); !written) return written.error();
    taken.told.grant = view_of(record);
    taken.live = live_grant(record);
    metrics_.offline_grant(grant.resource, true);
    report();
    log::error("offline_grant.taken",
               {{"document", record.acceptance.document.grant.id},
                {"grant", record.acceptance.grant.text()},
                {"user", record.acceptance.user},
                {"resource", record.acceptance.document.grant.resource},
                {"duration", format_duration(record.acceptance.document.grant.duration)},
                {"reason", record.acceptance.document.grant.reason},
                {"signers", joined(record.acceptance.signers, ", ")},
                {"remarks", joined(taken.told.remarks, "; ")},
                {"submitted_by", actor}});
    return taken;
}

void OfflineGrants::refused(const std::string& actor, const Error& error) const {
    metrics_.offline_grant("", false);
    log::error("offline_grant.refused", {{"submitted_by", actor}, {"error", error.message}});
}

Result<store::GrantCountdown> OfflineGrants::revoke(const GrantId& id, const std::string& actor,
                                                    const std::string& reason) {
    const OfflineRecord* record = journal_ ? journal_->find(id) : nullptr;
    if (record == nullptr || record->entered) {
        return Error{ErrorCode::not_found,
                     "there is no grant '" + id.text() + "' here that is signed offline and not entered yet"};
    }
    if (record->revoked) return Error{ErrorCode::conflict, "grant " + id.text() + " is revoked already"};
    if (auto written = journal_->add_revocation(id, {actor, reason}); !written) return written.error();
    log::warning("offline_grant.revoked", {{"grant", id.text()}, {"by", actor}, {"reason", reason}});
    store::GrantCountdown revoked;
    revoked.grant = live_grant(*record).grant;
    revoked.grant.verifier.reset();
    revoked.grant.revoked = {clock_.wall_now(), actor, reason};
    revoked.as_of = clock_.boot_now();
    return revoked;
}

OfflineStatus OfflineGrants::status(const config::Config& config, bool store_answers) const {
    OfflineStatus status;
    status.node = node_;
    status.store_answers = store_answers;
    if (const auto& settings = config.offline_grants; settings && journal_) {
        status.enabled = true;
        status.installation = settings->terms.installation;
        status.approvals = settings->terms.approvals;
        status.max_duration = settings->terms.max_duration;
        for (const auto& approver : settings->terms.approvers)
            status.approvers.push_back({approver.user, ed25519_fingerprint(approver.key)});
    }
    if (!journal_) return status;
    for (const OfflineRecord& record : journal_->records())
        status.grants.push_back(view_of(record));
    status.sessions_not_entered = journal_->sessions().size();
    return status;
}

OfflineGrantView OfflineGrants::view_of(const OfflineRecord& record) const {
    const policy::OfflineGrant& grant = record.acceptance.document.grant;
    OfflineGrantView view;
    view.document = grant.id;
    view.grant = record.acceptance.grant;
    view.request = record.acceptance.request;
    view.user = record.acceptance.user;
    view.resource = grant.resource;
    view.duration = grant.duration;
    view.reason = grant.reason;
    view.signers = record.acceptance.signers;
    view.submitted_by = record.submitted_by;
    view.taken_at = record.at;
    view.remaining = std::max(grant.duration - age_of(record, boot_, clock_), Duration::zero());
    view.revoked = record.revoked.has_value();
    view.entered = record.entered;
    return view;
}

Result<void> OfflineGrants::session_started(store::SessionRecord session) {
    if (!journal_) return not_configured();
    return journal_->add_session(std::move(session));
}

bool OfflineGrants::is_entered(const GrantId& grant) const {
    const OfflineRecord* record = journal_ ? journal_->find(grant) : nullptr;
    return record != nullptr && record->entered;
}

bool OfflineGrants::holds(const SessionId& session) const {
    if (!journal_) return false;
    const auto& held = journal_->sessions();
    return std::any_of(held.begin(), held.end(), [&](const auto& one) { return one.id == session; });
}

void OfflineGrants::report() const {
    const auto& records = journal_->records();
    metrics_.offline_grants_not_entered(static_cast<double>(std::count_if(
        records.begin(), records.end(), [](const OfflineRecord& record) { return !record.entered; })));
}

}  // namespace curfew::proxy
