#include "recording/redaction.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "recording/password_search.hpp"

namespace curfew::recording {
namespace {

std::shared_ptr<const re2::RE2> compile_in(RE2::Options::Encoding encoding, const std::string& text) {
    RE2::Options options;
    options.set_encoding(encoding);
    options.set_max_mem(config::redaction_pattern_memory);
    options.set_log_errors(false);
    return std::make_shared<const RE2>(text, options);
}

// Adds what `pattern` matches in `text`: its first group, where it has one that took part.
void find_matches(const re2::RE2& pattern, std::string_view text, std::vector<TextRange>& found) {
    const re2::StringPiece input{text.data(), text.size()};
    const int groups = pattern.NumberOfCapturingGroups() > 0 ? 2 : 1;
    std::array<re2::StringPiece, 2> parts;
    std::size_t at = 0;
    while (at <= text.size() &&
           pattern.Match(input, at, text.size(), RE2::UNANCHORED, parts.data(), groups)) {
        const auto begin_of = [&](const re2::StringPiece& part) {
            return static_cast<std::size_t>(part.data() - text.data());
        };
        const bool grouped = groups == 2 && parts[1].data() != nullptr;
        const re2::StringPiece& part = grouped ? parts[1] : parts[0];
        if (!part.empty()) found.push_back({begin_of(part), begin_of(part) + part.size()});
        at = begin_of(parts[0]) + std::max<std::size_t>(parts[0].size(), 1);
    }
}

std::optional<std::string> take_out(std::string_view text, std::vector<TextRange> ranges) {
    if (ranges.empty()) return std::nullopt;
    return without_ranges(text, std::move(ranges), redacted_mark);
}

}  // namespace

RedactedParameters RedactedParameters::every() {
    RedactedParameters all;
    all.every_ = true;
    return all;
}

void RedactedParameters::add(const std::set<unsigned>& positions) {
    if (positions.empty()) every_ = true;
    positions_.insert(positions.begin(), positions.end());
}

Result<Redactor::Pattern> Redactor::compile_pattern(const std::string& text) {
    Pattern pattern{compile_in(RE2::Options::EncodingUTF8, text),
                    compile_in(RE2::Options::EncodingLatin1, text)};
    if (!pattern.in_utf8->ok()) {
        return Error{ErrorCode::invalid,
                     fmt::format("'{}' under recordings.redact is not a regular expression: {}",
                                 printable(text, 80), pattern.in_utf8->error())};
    }
    if (!pattern.in_bytes->ok()) pattern.in_bytes = nullptr;
    return pattern;
}

bool Redactor::is_found(const Pattern& pattern, std::string_view text) {
    const re2::StringPiece piece{text.data(), text.size()};
    if (RE2::PartialMatch(piece, *pattern.in_utf8)) return true;
    return pattern.in_bytes && !is_utf8(text) && RE2::PartialMatch(piece, *pattern.in_bytes);
}

// In what is no UTF-8, `.` and the like stop at the first byte that is none: the rest of a secret would stay.
void Redactor::find(std::string_view text, std::vector<TextRange>& found) const {
    if (patterns_.empty()) return;
    const bool utf8 = is_utf8(text);
    for (const Pattern& pattern : patterns_) {
        find_matches(*pattern.in_utf8, text, found);
        if (!utf8 && pattern.in_bytes) find_matches(*pattern.in_bytes, text, found);
    }
}

Result<Redactor> Redactor::compile(const RedactionRules& rules) {
    Redactor redactor;
    redactor.passwords_ = rules.passwords;
    for (const std::string& text : rules.patterns) {
        auto pattern = compile_pattern(text);
        if (!pattern) return pattern.error();
        redactor.patterns_.push_back(*std::move(pattern));
    }
    for (const auto& statement : rules.statements) {
        auto pattern = compile_pattern(statement.pattern);
        if (!pattern) return pattern.error();
        redactor.statements_.push_back({*std::move(pattern), statement.parameters});
    }
    return redactor;
}

std::optional<std::string> Redactor::sql(std::string_view sql) const {
    std::vector<TextRange> found;
    if (passwords_) find_passwords(sql, found);
    find(sql, found);
    return take_out(sql, std::move(found));
}

std::optional<std::string> Redactor::text(std::string_view text) const {
    std::vector<TextRange> found;
    find(text, found);
    return take_out(text, std::move(found));
}

Redactor::Beginning Redactor::beginning_of_sql(std::string_view sql) const {
    std::vector<TextRange> found;
    if (passwords_) find_passwords(sql, found);
    find(sql, found);
    return beginning_of(sql, std::move(found));
}

Redactor::Beginning Redactor::beginning_of_text(std::string_view text) const {
    std::vector<TextRange> found;
    find(text, found);
    return beginning_of(text, std::move(found));
}

// All that is there is searched before its end is left off: what begins before that and ends in it is found.
Redactor::Beginning Redactor::beginning_of(std::string_view text, std::vector<TextRange> found) const {
    const std::size_t doubtful = has_patterns() ? doubtful_end : 0;
    const std::string_view kept = whole_characters(text, text.size() - std::min(text.size(), doubtful));
    std::vector<TextRange> ranges;
    for (const TextRange& range : found) {
        if (range.begin < kept.size()) ranges.push_back({range.begin, std::min(range.end, kept.size())});
    }
    const bool redacted = !ranges.empty();
    return {without_ranges(kept, std::move(ranges), redacted_mark), kept.size(), redacted};
}

RedactedParameters Redactor::parameters_of(std::string_view sql) const {
    RedactedParameters all;
    for (const StatementRule& rule : statements_) {
        if (is_found(rule.pattern, sql)) all.add(rule.parameters);
    }
    return all;
}

RedactedParameters Redactor::parameters_of_unknown() const {
    return statements_.empty() ? RedactedParameters::none() : RedactedParameters::every();
}

}  // namespace curfew::recording
