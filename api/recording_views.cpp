#include "api/recording_views.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>

#include "api/json_values.hpp"
#include "base/sha256.hpp"
#include "base/time_text.hpp"
#include "recording/entry_json.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

template <class T>
json::value number_or_null(const std::optional<T>& number) {
    return number ? json::value(*number) : json::value(nullptr);
}

}  // namespace

json::object recording_view(const store::SessionRecord& session) {
    const auto& facts = session.facts;
    return {
        {"id", session.id.text()},
        {"grant", session.grant.text()},
        {"user", text_value(session.user)},
        {"resource", text_value(session.resource)},
        {"database", text_value(session.database)},
        {"node", text_value(session.node)},
        {"started_at", format_utc(session.started_at)},
        {"state", to_string(session.state)},
        {"ended_at", instant_or_null(session.ended_at)},
        {"cause", session.cause ? json::value(to_string(*session.cause)) : json::value(nullptr)},
        {"mode", facts.recording ? json::value(to_string(*facts.recording)) : json::value(nullptr)},
        {"bytes", number_or_null(facts.recording_bytes)},
        {"hash", facts.recording_hash ? json::value(to_hex(*facts.recording_hash)) : json::value(nullptr)}};
}

json::object integrity_view(const recording::Integrity& integrity) {
    return {{"condition", to_string(integrity.condition)},
            {"lost_bytes", integrity.lost_bytes},
            {"what", text_value(integrity.what)}};
}

std::string entries_document(const store::SessionRecord& session, const EntriesRead& read) {
    std::string items;
    for (const auto& line : read.lines)
        items.append(items.empty() ? "" : ",").append(line);
    return fmt::format(R"({{"recording":{},"first":{},"items":[{}],"next":{},"integrity":{}}})"
                       "\n",
                       json::serialize(recording_view(session)), read.first, items,
                       read.at_end ? "null" : fmt::format("\"{}\"", read.next()),
                       json::serialize(integrity_view(read.integrity)));
}

json::object view(const store::SessionRecord& session, const recording::Hit& hit) {
    const std::string_view excerpt = hit.excerpt;
    const auto begin = std::min(hit.begin, excerpt.size());
    const auto length = std::min(hit.length, excerpt.size() - begin);
    const auto at = session.started_at + std::chrono::floor<std::chrono::milliseconds>(hit.entry.at);
    return {{"recording", recording_view(session)},
            {"number", hit.number},
            {"at", std::int64_t{hit.entry.at.count()}},
            {"time", format_utc(at)},
            {"kind", recording::kind_of(hit.entry.content)},
            {"member", text_value(hit.member)},
            {"before", text_value(excerpt.substr(0, begin))},
            {"match", text_value(excerpt.substr(begin, length))},
            {"after", text_value(excerpt.substr(begin + length))}};
}

}  // namespace curfew::api
