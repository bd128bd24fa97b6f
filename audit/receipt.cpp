#include "audit/receipt.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "audit/proof/canonical_json.hpp"
#include "audit/proof/receipt_file.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"

namespace curfew::audit {
namespace {

namespace json = boost::json;
using policy::Request;
using store::SessionRecord;

// What clients and people wrote need not be UTF-8, and JSON is.
json::value text(std::string_view words) {
    return is_utf8(words) ? json::value(words) : json::value(printable(words, words.size()));
}

json::value text_if_any(const std::optional<std::string>& words) {
    return words ? text(std::string_view{*words}) : json::value{};
}

json::value instant(const std::optional<WallInstant>& at) {
    return at ? json::value(format_utc(*at)) : json::value{};
}

json::value milliseconds(const std::optional<Duration>& duration) {
    if (!duration) return {};
    return std::int64_t{std::chrono::ceil<std::chrono::milliseconds>(*duration).count()};
}

json::value count(const std::optional<std::uint64_t>& number) {
    return number ? json::value(*number) : json::value{};
}

json::object session_of(const store::EndedSessionFile& file) {
    const SessionRecord& session = file.session.record;
    json::object backend{{"pid", session.backend.pid}, {"started", text(session.backend.started)}};
    return {{"id", session.id.text()},
            {"user", text(session.user)},
            {"resource", text(session.resource)},
            {"database", text(session.database)},
            {"node", text(session.node)},
            {"client_address", text(session.client_address)},
            {"application_name", text(session.application_name)},
            {"backend", std::move(backend)},
            {"started_at", instant(session.started_at)},
            {"deadline", instant(file.session.deadline)},
            {"ended_at", instant(session.ended_at)},
            {"cause", session.cause ? json::value(policy::to_string(*session.cause)) : json::value{}},
            {"detail", text(session.detail)}};
}

json::array extensions_of(const store::EndedSessionFile& file) {
    json::array extensions;
    for (const store::GrantExtension& extension : file.extensions) {
        json::value request;
        if (extension.request) request = json::value(extension.request->text());
        extensions.push_back(json::object{{"at", instant(extension.at)},
                                          {"by", text(extension.by)},
                                          {"request", std::move(request)},
                                          {"from", instant(extension.from)},
                                          {"to", instant(extension.to)}});
    }
    return extensions;
}

json::object grant_of(const store::EndedSessionFile& file) {
    const policy::Grant& grant = file.grant;
    json::value revoked;
    if (grant.revoked) {
        revoked = json::object{{"at", instant(grant.revoked->at)},
                               {"by", text(grant.revoked->by)},
                               {"reason", text(grant.revoked->reason)}};
    }
    json::value request;
    if (grant.request) request = json::value(grant.request->text());
    return {{"id", grant.id.text()},
            {"subject", text(policy::to_string(grant.subject))},
            {"resource", text(grant.resource)},
            {"starts_at", instant(grant.window.starts_at)},
            {"ends_at", instant(grant.window.ends_at)},
            {"replication", grant.allow_replication},
            {"reason", text(grant.reason)},
            {"given_by", text(grant.given_by)},
            {"given_at", instant(grant.given_at)},
            {"request", std::move(request)},
            {"extensions", extensions_of(file)},
            {"revoked", std::move(revoked)}};
}

json::array reviews_of(const Request& request) {
    json::array reviews;
    for (const policy::Review& review : request.reviews) {
        reviews.push_back(json::object{{"reviewer", text(review.reviewer)},
                                       {"group", text(review.group)},
                                       {"verdict", policy::to_string(review.verdict)},
                                       {"comment", text(review.comment)},
                                       {"duration_ms", milliseconds(review.duration)},
                                       {"at", instant(review.at)}});
    }
    return reviews;
}

json::object request_of(const Request& request) {
    json::array rules;
    for (const std::string& rule : request.rules)
        rules.push_back(text(rule));
    return {{"id", request.id.text()},
            {"kind", policy::to_string(request.kind)},
            {"type", policy::to_string(request.type)},
            {"requester", text(request.requester)},
            {"reason", text(request.reason)},
            {"asked_at", instant(request.asked_at)},
            {"duration_ms", milliseconds(request.duration)},
            {"status", policy::to_string(request.status)},
            {"decision", policy::to_string(request.decision)},
            {"decided_by", text(request.decided_by)},
            {"decided_at", instant(request.decided_at)},
            {"decision_comment", text(request.decision_comment)},
            {"approval", policy::to_string(request.approval)},
            {"approved_at", instant(request.approved_at)},
            {"granted_ms", milliseconds(request.granted)},
            {"rules", std::move(rules)},
            {"reviews", reviews_of(request)},
            {"review_due", request.review_due}};
}

json::array requests_of(const store::EndedSessionFile& file) {
    json::array requests;
    for (const Request& request : file.requests)
        requests.push_back(request_of(request));
    return requests;
}

json::object client_of(const SessionRecord& session) {
    return {{"closed_at", instant(session.client_closed_at)},
            {"overstay_ms", milliseconds(session.facts.client_overstay)},
            {"bytes_received", count(session.facts.bytes_from_client)},
            {"bytes_sent", count(session.facts.bytes_to_client)}};
}

json::object backend_of(const SessionRecord& session) {
    return {{"gone_at", instant(session.backend_gone_at)},
            {"confirmation", store::to_string(session.confirmation)},
            {"overstay_ms", milliseconds(session.facts.backend_overstay)}};
}

json::object work_of(const store::SessionFacts& facts) {
    json::value outcome;
    if (facts.transaction_outcome) outcome = json::value(policy::to_string(*facts.transaction_outcome));
    return {{"last_statement", text_if_any(facts.last_statement)},
            {"transaction_outcome", std::move(outcome)}};
}

json::object recording_of(const store::SessionFacts& facts) {
    json::value mode;
    if (facts.recording) mode = json::value(policy::to_string(*facts.recording));
    json::value hash;
    if (facts.recording_hash) hash = json::value(to_hex(*facts.recording_hash));
    return {{"mode", std::move(mode)}, {"hash", std::move(hash)}, {"bytes", count(facts.recording_bytes)}};
}

}  // namespace

std::string receipt_document(const store::EndedSessionFile& file, const ReceiptIssuer& issuer,
                             const std::string& key_fingerprint) {
    const SessionRecord& session = file.session.record;
    const json::object document{
        {"format", receipt_format},
        {"session", session_of(file)},
        {"grant", grant_of(file)},
        {"requests", requests_of(file)},
        {"client", client_of(session)},
        {"backend", backend_of(session)},
        {"work", work_of(session.facts)},
        {"recording", recording_of(session.facts)},
        {"audit_trail", json::object{{"last_event", file.head.number}, {"hash", to_hex(file.head.hash)}}},
        {"issued", json::object{{"at", instant(file.now)},
                                {"by", text(issuer.node)},
                                {"version", text(issuer.version)},
                                {"key", key_fingerprint}}}};
    return canonical_json(document);
}

store::SignedReceipt sign_receipt(const store::EndedSessionFile& file, const ReceiptIssuer& issuer,
                                  const SigningKey& key) {
    store::SignedReceipt receipt;
    receipt.document = receipt_document(file, issuer, key.fingerprint());
    receipt.signature = key.sign(Purpose::receipt, receipt.document);
    receipt.public_key = key.public_key();
    return receipt;
}

}  // namespace curfew::audit
