#include "recording/search.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace curfew::recording {
namespace {

constexpr std::size_t longest_search = 1000;
// Of an excerpt, in bytes of what was recorded, before and after the place.
constexpr std::size_t context = 60;
constexpr std::size_t longest_place = 200;
constexpr std::string_view white_space = " \t\r\n\f\v";

std::string without_outer_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(white_space) - first + 1)};
}

// A pattern that matches the words of `text` with any white space between them.
std::string pattern_of_words(std::string_view text) {
    std::string pattern;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(white_space), text.size());
        pattern += re2::RE2::QuoteMeta(re2::StringPiece{text.data(), end});
        text.remove_prefix(end);
        const auto next = std::min(text.find_first_not_of(white_space), text.size());
        if (next > 0) pattern += "\\s+";
        text.remove_prefix(next);
    }
    return pattern;
}

Error bad_search(std::string message) {
    return {ErrorCode::invalid, std::move(message)};
}

// The members' texts, each with its name. False: no more are wanted.
struct SeeTexts {
    const SeeText& see;

    bool text(std::string_view member, std::string_view text) const {
        return text.empty() || see(member, text);
    }
    bool values(std::string_view member, const std::vector<Value>& values) const {
        for (std::size_t index = 0; index < values.size(); ++index) {
            const Value& value = values[index];
            if (value.form != Value::Form::text) continue;
            if (!text(fmt::format("{}[{}]", member, index), value.bytes)) return false;
        }
        return true;
    }
    bool operator()(const entry::Started& it) const {
        for (const auto& [name, value] : it.parameters) {
            if (!text(fmt::format("parameters.{}", name), value)) return false;
        }
        return text("user", it.user) && text("database", it.database) && text("login_role", it.login_role);
    }
    bool operator()(const entry::Query& it) const { return text("sql", it.sql); }
    bool operator()(const entry::Parse& it) const {
        return text("sql", it.sql) && text("statement", it.statement);
    }
    bool operator()(const entry::Bind& it) const { return values("parameters", it.parameters); }
    bool operator()(const entry::Execute&) const { return true; }
    bool operator()(const entry::FunctionCall& it) const { return values("arguments", it.arguments); }
    bool operator()(const entry::CancelAsked&) const { return true; }
    bool operator()(const entry::Columns& it) const {
        for (std::size_t index = 0; index < it.names.size(); ++index) {
            if (!text(fmt::format("names[{}]", index), it.names[index])) return false;
        }
        return true;
    }
    bool operator()(const entry::Row& it) const { return values("values", it.values); }
    bool operator()(const entry::CopyStarted&) const { return true; }
    bool operator()(const entry::CopyEnded& it) const { return text("failed", it.failed); }
    bool operator()(const entry::Completed& it) const { return text("tag", it.tag); }
    bool operator()(const entry::Failed& it) const {
        return text("message", it.message) && text("detail", it.detail) && text("hint", it.hint) &&
               text("sqlstate", it.sqlstate);
    }
    bool operator()(const entry::Notice& it) const {
        return text("message", it.message) && text("sqlstate", it.sqlstate);
    }
    bool operator()(const entry::Notified& it) const {
        return text("channel", it.channel) && text("payload", it.payload);
    }
    bool operator()(const entry::ParameterChanged& it) const {
        return text("name", it.name) && text("value", it.value);
    }
    bool operator()(const entry::Ready&) const { return true; }
    bool operator()(const entry::Gap& it) const { return text("what", it.what); }
    bool operator()(const entry::Ended& it) const { return text("why", it.why); }
};

// To where a character begins, so that none is shown by half.
std::size_t character_at_or_after(std::string_view text, std::size_t at) {
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U)
        ++at;
    return at;
}

std::string one_line(std::string_view text) {
    std::string blanks_only{text};
    for (char& byte : blanks_only) {
        if (white_space.find(byte) != std::string_view::npos) byte = ' ';
    }
    return printable(blanks_only, blanks_only.size());
}

void set_excerpt(Hit& hit, std::string_view text, Searcher::Place place) {
    const std::size_t begin = place.begin > context ? character_at_or_after(text, place.begin - context) : 0;
    const std::size_t shown = place.length > longest_place
                                  ? character_at_or_after(text, place.begin + longest_place) - place.begin
                                  : place.length;
    const std::size_t end = std::min(character_at_or_after(text, place.begin + shown + context), text.size());
    hit.excerpt = begin > 0 ? "…" : "";
    hit.excerpt += one_line(text.substr(begin, place.begin - begin));
    hit.begin = hit.excerpt.size();
    hit.excerpt += one_line(text.substr(place.begin, shown));
    hit.length = hit.excerpt.size() - hit.begin;
    hit.excerpt += one_line(text.substr(place.begin + shown, end - place.begin - shown));
    if (end < text.size()) hit.excerpt += "…";
}

}  // namespace

Result<Searcher> Searcher::make(const SearchTerms& terms) {
    const std::string text = terms.pattern ? terms.text : without_outer_blanks(terms.text);
    if (text.empty()) return bad_search("There is nothing to search for; give a text, such as 'DROP TABLE'");
    if (text.size() > longest_search) {
        return bad_search(fmt::format(
            "What is to be searched for is longer than {} bytes; look for a part of it", longest_search));
    }
    if (!is_utf8(text)) return bad_search("What is to be searched for is no text in UTF-8");
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(terms.case_sensitive);
    const std::string pattern = terms.pattern ? text : pattern_of_words(text);
    auto compiled = std::make_shared<const re2::RE2>(pattern, options);
    if (!compiled->ok()) {
        return bad_search(
            fmt::format("'{}' is no regular expression: {}; write one in RE2's syntax, such as "
                        "'drop +(table|schema)'",
                        printable(text), printable(compiled->error())));
    }
    return Searcher{std::move(compiled)};
}

bool Searcher::matches(std::string_view text) const {
    return re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, *pattern_);
}

std::optional<Searcher::Place> Searcher::find(std::string_view text) const {
    const re2::StringPiece piece{text.data(), text.size()};
    re2::StringPiece found;
    if (!pattern_->Match(piece, 0, text.size(), re2::RE2::UNANCHORED, &found, 1)) return std::nullopt;
    return Place{static_cast<std::size_t>(found.data() - text.data()), found.size()};
}

void for_each_text(const entry::Content& content, const SeeText& see) {
    std::visit(SeeTexts{see}, content);
}

std::optional<Hit> find_in(const Searcher& searcher, const Entry& entry, std::uint64_t number) {
    std::optional<Hit> hit;
    const SeeText look = [&](std::string_view member, std::string_view text) {
        const auto place = searcher.find(text);
        if (!place) return true;
        hit.emplace();
        hit->member = member;
        set_excerpt(*hit, text, *place);
        return false;
    };
    for_each_text(entry.content, look);
    if (hit) {
        hit->number = number;
        hit->entry = entry;
    }
    return hit;
}

Result<void> search(RecordingReader& recording, const Searcher& searcher,
                    const std::function<bool(Hit&&)>& found) {
    for (;;) {
        auto entry = recording.next();
        if (!entry) return entry.error();
        if (!*entry) return {};
        auto hit = find_in(searcher, **entry, recording.count() - 1);
        if (hit && !found(std::move(*hit))) return {};
    }
}

}  // namespace curfew::recording
