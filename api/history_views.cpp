#include "api/history_views.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "api/json_values.hpp"
#include "api/json_views.hpp"
#include "api/request_views.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

json::value milliseconds_or_null(const std::optional<Duration>& duration) {
    if (!duration) return nullptr;
    return std::int64_t{std::chrono::floor<std::chrono::milliseconds>(*duration).count()};
}

json::value count_or_null(const std::optional<std::uint64_t>& count) {
    return count ? json::value(*count) : json::value(nullptr);
}

template <class Word>
json::value word_or_null(const std::optional<Word>& word) {
    return word ? json::value(to_string(*word)) : json::value(nullptr);
}

// What was seen of a session that is over.
void add_facts(json::object& shown, const store::SessionRecord& session) {
    const store::SessionFacts& facts = session.facts;
    shown["client_closed_at"] = instant_or_null(session.client_closed_at);
    shown["backend_gone_at"] = instant_or_null(session.backend_gone_at);
    shown["client_overstay_ms"] = milliseconds_or_null(facts.client_overstay);
    shown["backend_overstay_ms"] = milliseconds_or_null(facts.backend_overstay);
    shown["bytes_from_client"] = count_or_null(facts.bytes_from_client);
    shown["bytes_to_client"] = count_or_null(facts.bytes_to_client);
    shown["last_statement"] =
        facts.last_statement ? json::value(printable_lines(*facts.last_statement)) : json::value(nullptr);
    shown["transaction_outcome"] = word_or_null(facts.transaction_outcome);
    shown["recording"] = word_or_null(facts.recording);
    shown["recording_hash"] =
        facts.recording_hash ? json::value(to_hex(*facts.recording_hash)) : json::value(nullptr);
    shown["recording_bytes"] = count_or_null(facts.recording_bytes);
}

// It was written by curfewd; whoever changed it by hand is shown what they made of it.
json::value summary_of(const store::Event& event) {
    json::error_code failed;
    json::value summary = json::parse(event.summary, failed);
    if (failed || !summary.is_object()) return json::object{{"unreadable", text_value(event.summary)}};
    return summary;
}

json::object timeline_view(const store::GrantOnTimeline& shown) {
    json::array sessions;
    for (const auto& session : shown.sessions)
        sessions.emplace_back(view(session));
    return {{"grant", view(shown.grant)},
            {"request", shown.request ? json::value(view(*shown.request)) : json::value(nullptr)},
            {"extensions", view(shown.extensions)},
            {"sessions", std::move(sessions)}};
}

}  // namespace

json::array view(const std::vector<store::GrantExtension>& extensions) {
    json::array list;
    for (const auto& extension : extensions) {
        list.emplace_back(json::object{
            {"at", format_utc(extension.at)},
            {"by", text_or_null(extension.by)},
            {"request", extension.request ? json::value(extension.request->text()) : json::value(nullptr)},
            {"from", format_utc(extension.from)},
            {"to", format_utc(extension.to)}});
    }
    return list;
}

json::object view(const store::ListedSession& listed) {
    const store::SessionRecord& session = listed.record;
    const auto pid = session.backend.pid;
    const json::object backend{{"pid", pid == 0 ? json::value(nullptr) : json::value(pid)},
                               {"started", text_or_null(session.backend.started)}};
    json::object shown{
        {"id", session.id.text()},
        {"grant", session.grant.text()},
        {"user", text_value(session.user)},
        {"resource", text_value(session.resource)},
        {"database", text_value(session.database)},
        {"node", text_value(session.node)},
        {"client_address", text_value(session.client_address)},
        {"application_name", text_value(session.application_name)},
        {"backend", backend},
        {"started_at", format_utc(session.started_at)},
        {"state", to_string(session.state)},
        {"ended_at", instant_or_null(session.ended_at)},
        {"deadline", format_utc(listed.deadline)},
        {"overstay_ms", milliseconds_or_null(listed.overstay())},
        {"cause", session.cause ? json::value(to_string(*session.cause)) : json::value(nullptr)},
        {"confirmation", to_string(session.confirmation)},
        {"detail", text_value(session.detail)}};
    add_facts(shown, session);
    return shown;
}

json::object view(const store::ListedEvent& listed) {
    const store::Event& event = listed.event;
    return {
        {"number", event.number},     {"at", format_utc(event.at)},         {"kind", text_value(event.kind)},
        {"id", text_value(event.id)}, {"actor", text_or_null(event.actor)}, {"summary", summary_of(event)},
        {"hash", to_hex(listed.hash)}};
}

json::object view(const store::TimelineWanted& wanted, const store::Timeline& timeline) {
    json::array grants;
    for (const auto& shown : timeline.grants)
        grants.emplace_back(timeline_view(shown));
    json::array not_approved;
    for (const auto& request : timeline.not_approved)
        not_approved.emplace_back(view(request));
    return {{"from", format_utc(wanted.from)},         {"to", format_utc(wanted.to)},
            {"as_of", format_utc(timeline.as_of)},     {"grants", std::move(grants)},
            {"not_approved", std::move(not_approved)}, {"cut", timeline.cut}};
}

}  // namespace curfew::api
