#include "api/recording_input.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "api/paging.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t longest_search = 1'000;

std::optional<std::uint64_t> entry_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc{} && end == last ? std::optional{number} : std::nullopt;
}

bool accepts_lines(const Request& request) {
    const auto accept = request.find(http::field::accept);
    return accept != request.end() &&
           view_of(accept->value()).find("application/x-ndjson") != std::string_view::npos;
}

Result<std::uint64_t> begin_of(const Call& call, const PageWanted& page, bool follow) {
    // A client that comes back says itself what it has seen.
    const auto seen = call.request.find("Last-Event-ID");
    const std::string text = follow && seen != call.request.end() ? std::string{seen->value()} : page.after;
    if (text.empty()) return std::uint64_t{0};
    const auto number = entry_number(text);
    if (!number) return not_a_place(text);
    return *number;
}

}  // namespace

Result<RecordingWanted> read_recording_wanted(const Call& call) {
    RecordingWanted wanted;
    const auto page = read_page(call);
    if (!page) return page.error();
    wanted.limit = page->limit;
    const auto follow = call.flag("follow");
    if (!follow) return follow.error();
    wanted.follow = *follow;
    const auto format = call.parameter("format");
    if (format && *format != "json") {
        wanted.form = parse_recording_form(*format);
        if (!wanted.form) {
            return Error{ErrorCode::invalid,
                         fmt::format("'format' must be json, ndjson, asciicast or sql, and '{}' is not",
                                     printable(*format, 40))};
        }
    } else if (!format && !wanted.follow && accepts_lines(call.request)) {
        wanted.form = RecordingForm::ndjson;
    }
    if (wanted.form && wanted.follow)
        return Error{ErrorCode::invalid, "A recording that is followed has no format: it comes as events"};
    if (wanted.form && call.parameter("after"))
        return Error{ErrorCode::invalid,
                     "'after' goes with pages of JSON; this format has all of the recording"};
    const auto from = begin_of(call, *page, wanted.follow);
    if (!from) return from.error();
    wanted.from = *from;
    return wanted;
}

std::string to_string(const SearchPlace& place) {
    return fmt::format("{}/{}", place.sessions, place.entry);
}

std::optional<SearchPlace> parse_search_place(std::string_view text) {
    if (text.empty()) return SearchPlace{};
    const auto slash = text.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto entry = entry_number(text.substr(slash + 1));
    if (!entry) return std::nullopt;
    return SearchPlace{std::string{text.substr(0, slash)}, *entry};
}

Result<recording::SearchTerms> read_search_terms(const Call& call) {
    recording::SearchTerms terms;
    terms.text = call.parameter("q").value_or("");
    if (terms.text.empty() || terms.text.size() > longest_search) {
        return Error{ErrorCode::invalid,
                     fmt::format("'q' is needed: what to look for, 1 to {} bytes", longest_search)};
    }
    const auto pattern = call.flag("regex");
    if (!pattern) return pattern.error();
    const auto case_sensitive = call.flag("case");
    if (!case_sensitive) return case_sensitive.error();
    terms.pattern = *pattern;
    terms.case_sensitive = *case_sensitive;
    return terms;
}

}  // namespace curfew::api
