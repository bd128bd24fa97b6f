#include "recording/password_search.hpp"

#include <algorithm>
#include <cstdint>

namespace curfew::recording {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view password_word = "password";
// Dollar-quoted texts within each other that are looked into.
constexpr int deepest = 4;

constexpr char small(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool begins_word(char c) {
    return (small(c) >= 'a' && small(c) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool in_word(char c) {
    return begins_word(c) || (c >= '0' && c <= '9');
}

bool is_word(std::string_view text, std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char one, char other) { return small(one) == other; });
}

bool names_password(std::string_view word) {
    return word.size() >= password_word.size() &&
           is_word(word.substr(word.size() - password_word.size()), password_word);
}

std::size_t find_password_word(std::string_view text, std::size_t from) {
    const auto at =
        std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), password_word.begin(),
                    password_word.end(), [](char one, char other) { return small(one) == other; });
    return at == text.end() ? npos : static_cast<std::size_t>(at - text.begin());
}

// The `$tag$` at `at`; empty: there is none.
std::string_view dollar_tag(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && in_word(text[end]))
        ++end;
    const bool is_tag =
        end < text.size() && text[end] == '$' && !(text[at + 1] >= '0' && text[at + 1] <= '9');
    return is_tag ? text.substr(at, end + 1 - at) : std::string_view{};
}

// Reads SQL as PostgreSQL's scanner does, as far as literals, names and comments go.
class PasswordSearch {
public:
    PasswordSearch(std::string_view text, std::size_t base, int depth, std::vector<TextRange>& found)
        : text_{text}, base_{base}, depth_{depth}, found_{found} {}

    void run() {
        while (at_ < text_.size())
            step();
    }

private:
    void step() {
        const char c = text_[at_];
        if (is_space(c)) {
            ++at_;
        } else if (text_.substr(at_, 2) == "--") {
            at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
        } else if (text_.substr(at_, 2) == "/*") {
            skip_comment();
        } else if (begins_word(c)) {
            take_word();
        } else if (c == '"') {
            const std::size_t begin = at_ + 1;
            skip_quoted('"', false);
            expecting_ = names_password(text_.substr(begin, at_ - begin - (at_ > begin ? 1 : 0)));
        } else if (c == '\'') {
            take_literal(false);
        } else if (c == '$' && !dollar_tag(text_, at_).empty()) {
            take_dollar_literal();
        } else {
            const bool between = c == '=' || c == ':' || c == '>' || c == '(' || c == '&';
            expecting_ = expecting_ && between;
            ++at_;
        }
    }

    void skip_comment() {
        int depth = 0;
        while (at_ < text_.size()) {
            const std::string_view two = text_.substr(at_, 2);
            if (two == "/*") {
                ++depth;
                at_ += 2;
            } else if (two == "*/") {
                --depth;
                at_ += 2;
                if (depth == 0) return;
            } else {
                ++at_;
            }
        }
    }

    void take_word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (in_word(text_[at_]) || text_[at_] == '$'))
            ++at_;
        const std::string_view word = text_.substr(begin, at_ - begin);
        const char next = at_ < text_.size() ? text_[at_] : '\0';
        if (word.size() == 1 && next == '\'') {  // E'…', B'…', X'…', N'…'
            take_literal(small(word[0]) == 'e');
            return;
        }
        if (word.size() == 1 && small(word[0]) == 'u' && text_.substr(at_, 2) == "&'") {
            ++at_;
            take_literal(false);
            return;
        }
        expecting_ = names_password(word) || (expecting_ && is_word(word, "to"));
    }

    // Behind the closing quote of what is quoted at at_, or at the end.
    void skip_quoted(char quote, bool escapes) {
        for (++at_; at_ < text_.size(); ++at_) {
            if (escapes && text_[at_] == '\\') {
                ++at_;
            } else if (text_[at_] == quote) {
                if (at_ + 1 >= text_.size() || text_[at_ + 1] != quote) {
                    ++at_;
                    return;
                }
                ++at_;
            }
        }
        at_ = text_.size();
        unended_ = true;
    }

    void take_literal(bool escapes) {
        const std::size_t begin = at_ + 1;
        unended_ = false;
        skip_quoted('\'', escapes);
        // Where standard_conforming_strings is off, a backslash hides the quote that seemed to end it.
        if (expecting_ && !escapes && at_ >= begin + 2 && text_[at_ - 2] == '\\') {
            at_ = begin - 1;
            unended_ = false;
            skip_quoted('\'', true);
        }
        take(begin, unended_ ? at_ : at_ - 1);
        if (!expecting_) look_into(begin, unended_ ? at_ : at_ - 1);
    }

    void take_dollar_literal() {
        const std::string_view tag = dollar_tag(text_, at_);
        const std::size_t begin = at_ + tag.size();
        const std::size_t closing = text_.find(tag, begin);
        const std::size_t end = closing == npos ? text_.size() : closing;
        take(begin, end);
        at_ = closing == npos ? text_.size() : closing + tag.size();
        if (expecting_) return;
        look_into(begin, end);
        if (depth_ < deepest) {
            PasswordSearch inner{text_.substr(begin, end - begin), base_ + begin, depth_ + 1, found_};
            inner.run();
        }
    }

    // A literal's content. If it is a password, so is a literal that goes on with it.
    void take(std::size_t begin, std::size_t end) {
        if (expecting_) add(begin, end);
    }

    void add(std::size_t begin, std::size_t end) {
        if (begin <= end) found_.push_back({base_ + begin, base_ + end});
    }

    // Connection strings, URIs and statements in a literal.
    void look_into(std::size_t begin, std::size_t end) {
        const std::string_view content = text_.substr(0, end);
        for (std::size_t at = begin; (at = find_password_word(content, at)) != npos;) {
            at += password_word.size();
            at = take_value_after(content, at);
        }
        for (std::size_t at = begin; (at = content.find("://", at)) != npos;) {
            at += 3;
            take_user_of_uri(content, at);
        }
    }

    // Where `quote` ends what began at `begin`; one that is written twice is a part of it.
    static std::size_t end_of_nested(std::string_view content, std::size_t begin, std::string_view quote) {
        std::size_t end = begin;
        for (;;) {
            end = content.find(quote, end);
            if (end == npos) return content.size();
            if (content.substr(end + quote.size(), quote.size()) != quote) return end;
            end += 2 * quote.size();
        }
    }

    // Where to go on.
    std::size_t take_value_after(std::string_view content, std::size_t at) {
        bool assigned = false;
        while (at < content.size() &&
               (is_space(content[at]) || content[at] == '=' || content[at] == ':' || content[at] == '>')) {
            assigned = assigned || content[at] == '=';
            ++at;
        }
        if (at < content.size() && small(content[at]) == 'e' && content.substr(at + 1, 1) == "'") ++at;
        for (const std::string_view quote : {std::string_view{"''"}, std::string_view{"\\'"}}) {
            if (content.substr(at, 2) != quote) continue;
            const std::size_t begin = at + 2;
            const std::size_t end = end_of_nested(content, begin, quote);
            add(begin, end);
            return std::min(end + quote.size(), content.size());
        }
        if (at < content.size() && content[at] == '$') {
            const std::string_view tag = dollar_tag(content, at);
            if (!tag.empty()) {
                const std::size_t begin = at + tag.size();
                const std::size_t end = std::min(content.find(tag, begin), content.size());
                add(begin, end);
                return end;
            }
        }
        if (!assigned) return at;
        std::size_t end = at;
        while (end < content.size() && !is_space(content[end]) && content[end] != '\'' && content[end] != '"')
            ++end;
        if (end > at) add(at, end);
        return end;
    }

    void take_user_of_uri(std::string_view content, std::size_t at) {
        const std::size_t end = std::min(content.find_first_of("/?'\" \t\r\n", at), content.size());
        const std::string_view authority = content.substr(at, end - at);
        const std::size_t host = authority.rfind('@');
        const std::size_t colon = authority.find(':');
        if (host != npos && colon < host) add(at + colon + 1, at + host);
    }

    std::string_view text_;
    std::size_t base_;
    int depth_;
    std::vector<TextRange>& found_;
    std::size_t at_ = 0;
    // What comes before this was a word for a password, or a literal that is one.
    bool expecting_ = false;
    bool unended_ = false;
};

}  // namespace

void find_passwords(std::string_view sql, std::vector<TextRange>& found) {
    if (find_password_word(sql, 0) == npos && sql.find("://") == npos) return;
    PasswordSearch search{sql, 0, 0, found};
    search.run();
}

}  // namespace curfew::recording
