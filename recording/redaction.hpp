// What of a session is never written down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/recordings.hpp"
#include "recording/text_ranges.hpp"

namespace re2 {
class RE2;
}

namespace curfew::recording {

using RedactionRules = config::Redaction;

// What stands where something was taken out of a text.
inline constexpr std::string_view redacted_mark = "[redacted]";

// Which of a statement's parameters are left out.
class RedactedParameters {
public:
    static RedactedParameters none() { return {}; }
    static RedactedParameters every();

    // `position` counts from 1, as `$1` does.
    bool contains(std::size_t position) const { return every_ || positions_.count(position) > 0; }
    bool empty() const noexcept { return !every_ && positions_.empty(); }
    void add(const std::set<unsigned>& positions);  // empty: every one

private:
    bool every_ = false;
    std::set<std::size_t> positions_;
};

// The rules, ready to be applied. Immutable, so that any number of threads may share it.
class Redactor {
public:
    // Leaves nothing out, not even passwords.
    Redactor() = default;
    // invalid: a pattern is not a regular expression; says which.
    static Result<Redactor> compile(const RedactionRules& rules);

    // `sql` without passwords and what patterns match; nullopt if there is nothing to be taken out.
    std::optional<std::string> sql(std::string_view sql) const;
    // Any other text without what patterns match; nullopt if there is nothing to be taken out.
    std::optional<std::string> text(std::string_view text) const;

    // What may be written of a text of which only the beginning is there. Its end may be the beginning of
    // what a pattern would match, were the rest there: where there are patterns, so much of it is left off.
    static constexpr std::size_t doubtful_end = 4096;  // bytes
    struct Beginning {
        std::string text;
        std::size_t of = 0;  // bytes of what was there that `text` stands for
        bool redacted = false;
    };
    Beginning beginning_of_sql(std::string_view sql) const;
    Beginning beginning_of_text(std::string_view text) const;

    // There are patterns. What they would have found in the rest of a text that was cut nobody knows.
    bool has_patterns() const noexcept { return !patterns_.empty(); }
    // Which parameters of this statement, which is not redacted yet.
    RedactedParameters parameters_of(std::string_view sql) const;
    // The same for a statement of which the SQL is not known: all, where there are any rules for statements.
    RedactedParameters parameters_of_unknown() const;

private:
    // Texts need not be UTF-8: the client may have set another encoding, or the text was cut.
    struct Pattern {
        std::shared_ptr<const re2::RE2> in_utf8;
        std::shared_ptr<const re2::RE2> in_bytes;  // null: it is about characters that are no single bytes
    };
    static Result<Pattern> compile_pattern(const std::string& text);
    static bool is_found(const Pattern& pattern, std::string_view text);
    // Where what is left out stands in a text, beside passwords.
    void find(std::string_view text, std::vector<TextRange>& found) const;
    Beginning beginning_of(std::string_view text, std::vector<TextRange> found) const;

    struct StatementRule {
        Pattern pattern;
        std::set<unsigned> parameters;
    };

    std::vector<Pattern> patterns_;
    std::vector<StatementRule> statements_;
    bool passwords_ = false;
};

}  // namespace curfew::recording
