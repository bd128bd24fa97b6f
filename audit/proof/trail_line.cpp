#include "audit/proof/trail_line.hpp"

#include <boost/json/parse.hpp>
#include <charconv>
#include <cstdint>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"

namespace curfew::audit {
namespace {

namespace json = boost::json;

// As it stands where it can stand in JSON at all, which all that curfewd wrote can.
json::string verbatim(std::string_view text) {
    return json::string{is_utf8(text) ? std::string{text} : printable(text, text.size())};
}

json::value summary_of(const store::Event& event) {
    json::error_code failed;
    json::value summary = json::parse(event.summary, failed);
    // Somebody else wrote it.
    if (failed || !summary.is_object()) return json::object{{"unreadable", verbatim(event.summary)}};
    return summary;
}

Error no_event(std::string_view why) {
    return {ErrorCode::invalid, "this is no event of an audit trail: " + std::string{why}};
}

std::optional<std::string> text_member_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_null()) return std::string{};
    if (!value->is_string()) return std::nullopt;
    return std::string{value->get_string()};
}

// What an export without `summary_text` has, such as one by SQL.
std::optional<std::string> summary_in(const json::object& object) {
    if (auto text = text_member_of(object, "summary_text")) return text;
    return text_member_of(object, "summary");
}

}  // namespace

json::object json_of(const store::ListedEvent& listed) {
    const store::Event& event = listed.event;
    return {{"number", event.number},
            {"at", format_utc(event.at)},
            {"kind", verbatim(event.kind)},
            {"id", verbatim(event.id)},
            {"actor", event.actor.empty() ? json::value(nullptr) : json::value(verbatim(event.actor))},
            {"summary", summary_of(event)},
            {"summary_text", verbatim(event.summary)},
            {"hash", to_hex(listed.hash)}};
}

std::optional<Sha256Digest> parse_hash(std::string_view text) {
    Sha256Digest digest{};
    if (text.size() != 2 * digest.size()) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const char* const begin = text.data() + 2 * i;
        const auto [end, error] = std::from_chars(begin, begin + 2, digest.at(i), 16);
        if (error != std::errc{} || end != begin + 2) return std::nullopt;
    }
    return digest;
}

std::optional<store::EventNumber> number_in(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    json::error_code failed;
    const auto number = value->to_number<std::int64_t>(failed);
    if (failed || number < 0) return std::nullopt;
    return static_cast<store::EventNumber>(number);
}

std::optional<Sha256Digest> hash_in(const json::object& object, std::string_view name) {
    const auto text = text_member_of(object, name);
    return text ? parse_hash(*text) : std::nullopt;
}

Result<store::ListedEvent> event_of(const json::value& value) {
    if (!value.is_object()) return no_event("it is not a JSON object");
    const json::object& object = value.get_object();
    const auto number = number_in(object, "number");
    const auto hash = hash_in(object, "hash");
    const auto at = parse_utc(text_member_of(object, "at").value_or(""));
    auto kind = text_member_of(object, "kind");
    auto id = text_member_of(object, "id");
    auto actor = text_member_of(object, "actor");
    auto summary = summary_in(object);
    if (!number || !hash || !at || !kind || !id || !actor) return no_event("a member is missing, or is none");
    if (!summary)
        return no_event("it has no summary_text; export the trail by `curfew audit export`, which has it");
    return store::ListedEvent{
        {*number, *at, std::move(*kind), std::move(*id), std::move(*actor), std::move(*summary)}, *hash};
}

Result<store::ListedEvent> read_trail_line(std::string_view line) {
    json::error_code failed;
    const json::value value = json::parse(json::string_view{line.data(), line.size()}, failed);
    if (failed) return no_event("it is no JSON");
    return event_of(value);
}

}  // namespace curfew::audit
