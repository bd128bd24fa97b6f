// What was done while the store was away, entered once it is back: as if it had been there, and with a review
// due.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/base64.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "policy/lifecycle.hpp"
#include "proxy/offline_grants.hpp"

namespace curfew::proxy {

namespace json = boost::json;

using boost::asio::awaitable;

namespace {

// All that a later check of the signatures needs.
std::string evidence(const OfflineRecord& record, const std::string& node) {
    const policy::OfflineDocument& document = record.acceptance.document;
    json::array signers;
    for (const std::string& signer : record.acceptance.signers)
        signers.emplace_back(printable(signer));
    return json::serialize(json::object{{"user", printable(record.acceptance.user)},
                                        {"resource", printable(document.grant.resource)},
                                        {"reason", document.grant.reason},
                                        {"request", record.acceptance.request.text()},
                                        {"node", node},
                                        {"submitted_by", printable(record.submitted_by)},
                                        {"taken_at", format_utc(record.at)},
                                        {"signers", std::move(signers)},
                                        {"document", policy::to_token(document)}});
}

policy::Target target_of(const config::Config& config, const std::string& name) {
    const config::Resource* resource = config.find_resource(name);
    policy::Target target;
    target.name = name;
    target.known = resource != nullptr;
    if (resource != nullptr) target.attributes = resource->attributes;
    return target;
}

// Called on the store's thread.
Result<store::RequestChange> change_of(const OfflineRecord& record, const std::string& node, Duration age,
                                       const Setup& setup, WallInstant now) {
    const policy::OfflineAcceptance& acceptance = record.acceptance;
    const auto ago = std::chrono::ceil<std::chrono::milliseconds>(age);
    store::RequestChange change;
    change.next = policy::entered_request(acceptance, now - ago);
    store::NewGrant give;
    give.entered = acceptance.grant;
    give.subject = {policy::Subject::Kind::user, acceptance.user};
    give.resource = acceptance.document.grant.resource;
    give.length = acceptance.document.grant.duration;
    give.starts_in = -ago;
    give.reason = acceptance.document.grant.reason;
    give.given_by = acceptance.signers.back();
    change.give = std::move(give);
    const policy::Target target = target_of(*setup.config, acceptance.document.grant.resource);
    change.alarmed_groups =
        policy::reviewing_groups(change.next, {setup.config->rules, setup.directory, target, now});
    change.notes.push_back(
        {"offline_grant.taken", acceptance.grant.text(), acceptance.user, evidence(record, node)});
    return change;
}

}  // namespace

awaitable<Result<store::GrantCountdown>> OfflineGrants::enter_grant(store::Store& store,
                                                                    std::shared_ptr<const Setup> setup,
                                                                    OfflineRecord record) {
    const policy::OfflineAcceptance acceptance = record.acceptance;
    auto found = co_await store.find_request(acceptance.request);
    if (!found && found.error().code != ErrorCode::not_found) co_return found.error();
    if (!found) {
        const Duration age = age_of(record, boot_, clock_);
        store::MakeRequest make = [record, node = node_, age, setup](const auto&, WallInstant now) {
            return change_of(record, node, age, *setup, now);
        };
        found = co_await store.add_request(std::nullopt, std::move(make));
        if (!found) co_return found.error();
    }
    auto grant = co_await store.find_grant(acceptance.grant);
    if (!grant) co_return grant.error();
    const bool is_over = grant->state() == policy::GrantState::ended || grant->grant.revoked;
    if (record.revoked && !is_over) {
        grant = co_await store.revoke_grant(acceptance.grant, record.revoked->by, record.revoked->reason);
    } else if (record.verifier && !is_over && !grant->grant.verifier) {
        Secret verifier = *record.verifier;
        grant = co_await store.set_grant_verifier(acceptance.grant, std::move(verifier), acceptance.user);
    }
    co_return grant;
}

// Those of a grant that could not be entered wait with it.
awaitable<Result<void>> OfflineGrants::enter_sessions(store::Store& store) {
    const std::vector<store::SessionRecord> sessions = journal_->sessions();
    for (const store::SessionRecord& session : sessions) {
        if (!is_entered(session.grant)) continue;
        const Result<void> started = co_await store.session_started(session);
        // Of an earlier try whose answer was lost.
        const bool is_there = started || started.error().code == ErrorCode::conflict;
        if (!is_there) co_return started.error();
        if (auto written = journal_->add_session_entry(session.id); !written) co_return written.error();
    }
    co_return Result<void>{};
}

awaitable<Result<void>> OfflineGrants::enter(store::Store& store, std::shared_ptr<const Setup> setup,
                                             std::function<void(const store::GrantCountdown&)> entered) {
    if (!journal_) co_return Result<void>{};
    Result<void> outcome;
    for (std::size_t i = 0; i < journal_->records().size(); ++i) {
        if (journal_->records()[i].entered) continue;
        OfflineRecord record = journal_->records()[i];
        const policy::OfflineAcceptance acceptance = record.acceptance;
        auto entering = enter_grant(store, setup, std::move(record));
        const auto grant = co_await std::move(entering);
        Result<void> written;
        if (grant) {
            written = journal_->add_entry(acceptance.grant);
        } else {
            written = grant.error();
        }
        if (!written) {
            log::error("offline_grant.not_entered",
                       {{"grant", acceptance.grant.text()}, {"error", written.error().message}});
            outcome = Error{written.error().code, "what was done while no store answered, grant " +
                                                      acceptance.grant.text() +
                                                      ", cannot be entered: " + written.error().message};
            if (written.error().code == ErrorCode::unavailable) co_return outcome;
            continue;
        }
        report();
        entered(*grant);
        log::warning("offline_grant.entered", {{"grant", acceptance.grant.text()},
                                               {"request", acceptance.request.text()},
                                               {"document", acceptance.document.grant.id},
                                               {"user", acceptance.user},
                                               {"resource", acceptance.document.grant.resource}});
    }
    auto entering = enter_sessions(store);
    const auto sessions = co_await std::move(entering);
    if (!sessions) co_return sessions;
    co_return outcome;
}

}  // namespace curfew::proxy
