#include "api/history_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t longest_filter = 100;

Error wrong(std::string_view name, std::string_view takes, std::string_view text) {
    return {ErrorCode::invalid,
            fmt::format("'{}' must be {}, and '{}' is not", name, takes, printable(text, 40))};
}

// A name or an identifier to look for; it need not be one that there is.
Result<std::optional<std::string>> read_word(const Call& call, std::string_view name) {
    auto text = call.parameter(name);
    if (text && (text->empty() || text->size() > longest_filter))
        return wrong(name, fmt::format("a text of 1 to {} bytes", longest_filter), *text);
    return text;
}

Result<std::optional<WallInstant>> read_instant(const Call& call, std::string_view name) {
    const auto text = call.parameter(name);
    if (!text) return std::optional<WallInstant>{};
    const auto instant = parse_instant(*text);
    // What came before 1970 no store can have.
    if (!instant || *instant < WallInstant{})
        return wrong(name, "a time in UTC such as 2026-11-24T14:05:00Z", *text);
    return instant;
}

// Puts what was read where it belongs; the error, if it is one.
template <class T>
std::optional<Error> put(Result<T> read, T& to) {
    if (!read) return read.error();
    to = std::move(*read);
    return std::nullopt;
}

// The first of them that there is.
std::optional<Error> first_of(std::initializer_list<std::optional<Error>> errors) {
    const auto found =
        std::find_if(errors.begin(), errors.end(), [](const auto& error) { return error.has_value(); });
    return found == errors.end() ? std::nullopt : *found;
}

std::optional<Error> why_no_interval(const std::optional<WallInstant>& from,
                                     const std::optional<WallInstant>& to) {
    if (!from || !to || *from < *to) return std::nullopt;
    return Error{ErrorCode::invalid, "'from' must be before 'to'"};
}

bool is_kind(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; });
}

}  // namespace

std::optional<WallInstant> parse_instant(std::string_view text) {
    constexpr std::string_view no_milliseconds = ".000Z";
    if (!text.ends_with(no_milliseconds)) return parse_utc(text);
    return parse_utc(fmt::format("{}Z", text.substr(0, text.size() - no_milliseconds.size())));
}

Result<store::SessionFilter> read_session_filter(const Call& call) {
    store::SessionFilter filter;
    if (const auto error = first_of(
            {put(read_word(call, "user"), filter.user), put(read_word(call, "resource"), filter.resource),
             put(read_instant(call, "from"), filter.from), put(read_instant(call, "to"), filter.to)})) {
        return *error;
    }
    if (const auto error = why_no_interval(filter.from, filter.to)) return *error;
    if (const auto text = call.parameter("cause")) {
        filter.cause = policy::parse_end_cause(*text);
        if (!filter.cause) return wrong("cause", "why sessions end, such as grant_expired", *text);
    }
    if (const auto text = call.parameter("outcome")) {
        filter.outcome = store::parse_session_outcome(*text);
        if (!filter.outcome) {
            return wrong("outcome", "not_over, by_itself, enforced, unconfirmed or overstayed", *text);
        }
    }
    return filter;
}

Result<store::EventFilter> read_event_filter(const Call& call) {
    store::EventFilter filter;
    if (const auto error = first_of(
            {put(read_word(call, "kind"), filter.kind), put(read_word(call, "id"), filter.id),
             put(read_word(call, "actor"), filter.actor), put(read_instant(call, "from"), filter.from),
             put(read_instant(call, "to"), filter.to)})) {
        return *error;
    }
    if (const auto error = why_no_interval(filter.from, filter.to)) return *error;
    if (filter.kind && !is_kind(*filter.kind)) {
        return wrong("kind", "a kind of events such as session.ended, or session for all of them",
                     *filter.kind);
    }
    const auto order = call.parameter("order").value_or("newest");
    if (order != "newest" && order != "oldest") return wrong("order", "newest or oldest", order);
    filter.oldest_first = order == "oldest";
    return filter;
}

Result<store::AccessReviewWanted> read_access_review_wanted(const Call& call) {
    std::optional<WallInstant> from;
    std::optional<WallInstant> to;
    store::AccessReviewWanted wanted;
    if (const auto error = first_of({put(read_instant(call, "from"), from), put(read_instant(call, "to"), to),
                                     put(read_word(call, "resource"), wanted.resource),
                                     put(read_word(call, "user"), wanted.user)})) {
        return *error;
    }
    if (!from || !to) return Error{ErrorCode::invalid, "'from' and 'to' are needed: which time to review"};
    if (const auto error = why_no_interval(from, to)) return *error;
    wanted.from = *from;
    wanted.to = *to;
    return wanted;
}

Result<store::TimelineWanted> read_timeline_wanted(const Call& call) {
    std::optional<WallInstant> from;
    std::optional<WallInstant> to;
    store::TimelineWanted wanted;
    if (const auto error = first_of({put(read_instant(call, "from"), from), put(read_instant(call, "to"), to),
                                     put(read_word(call, "resource"), wanted.resource)})) {
        return *error;
    }
    if (!from || !to) return Error{ErrorCode::invalid, "'from' and 'to' are needed: which time to show"};
    if (const auto error = why_no_interval(from, to)) return *error;
    wanted.from = *from;
    wanted.to = *to;
    if (const auto text = call.parameter("limit")) {
        const auto* const last = text->data() + text->size();
        const auto [end, error] = std::from_chars(text->data(), last, wanted.grants);
        if (error != std::errc{} || end != last || wanted.grants == 0 ||
            wanted.grants > store::largest_timeline) {
            return wrong("limit", fmt::format("a number from 1 to {}", store::largest_timeline), *text);
        }
    }
    return wanted;
}

}  // namespace curfew::api
