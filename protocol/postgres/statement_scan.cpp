#include "protocol/postgres/statement_scan.hpp"

namespace curfew::postgres {
namespace {

constexpr std::array<std::string_view, 33> plain_words{
    "begin",    "close",    "comment", "copy",      "deallocate", "declare", "delete", "execute", "explain",
    "fetch",    "grant",    "insert",  "listen",    "lock",       "merge",   "move",   "notify",  "refresh",
    "release",  "reset",    "revoke",  "savepoint", "select",     "set",     "show",   "start",   "table",
    "truncate", "unlisten", "update",  "values",    "with",       "(",
};
// Of these, some later word tells that they commit while they run, or cannot be undone.
constexpr std::array<std::string_view, 9> ending_words{
    "abort", "alter", "commit", "create", "discard", "drop", "end", "prepare", "rollback",
};
constexpr std::array<std::string_view, 5> words_of_doubt{
    "concurrently", "database", "prepared", "subscription", "tablespace",
};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr char small_letter(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_word_char(char c) {
    return (small_letter(c) >= 'a' && small_letter(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// What may matter within a statement, once its first word is known.
constexpr std::array<bool, 256> telling = [] {
    std::array<bool, 256> table{};
    for (const char c : {';', '(', ')', '\'', '"', '$', '-', '*'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

}  // namespace

void StatementScan::read(std::string_view piece) noexcept {
    for (std::size_t i = 0; i < piece.size(); ++i) {
        // Most of a text tells nothing, and texts are long.
        if (where_ == Where::rest && !watching_) {
            const std::size_t begin = i;
            while (i < piece.size() && !telling[static_cast<unsigned char>(piece[i])])
                ++i;
            if (i > begin) previous_ = piece[i - 1];
            if (i == piece.size()) return;
        }
        take(piece[i]);
    }
}

void StatementScan::finish() noexcept {
    if (where_ == Where::first_word) end_first_word();
    if (where_ == Where::rest) end_later_word();
    // A comment that does not end, or what only began as one: PostgreSQL takes none of it.
    if (where_ == Where::dash || where_ == Where::slash) begin_statement(Where::rest);
}

void StatementScan::cut() noexcept {
    if (statements_ == 0) begin_statement(Where::rest);
    if (where_ == Where::first_word && statements_ == 1) first_ = Effect::doubtful;
    // A word that would make the first one doubtful may follow.
    if (statements_ == 1 && first_ == Effect::ending) first_ = Effect::doubtful;
    worst_ = Effect::doubtful;
    exact_ = false;
    statements_ = 0xFFFFFFFFU;
}

void StatementScan::take(char c) noexcept {
    switch (where_) {
        case Where::before:
            take_before(c);
            break;
        case Where::dash:
            if (c == '-') {
                where_ = Where::line_comment;
            } else {
                begin_statement(Where::rest);
                take_rest(c);
            }
            break;
        case Where::slash:
            if (c == '*') {
                where_ = Where::comment;
                comment_depth_ = 1;
            } else {
                begin_statement(Where::rest);
                take_rest(c);
            }
            break;
        case Where::line_comment:
            if (c == '\n' || c == '\r') where_ = Where::before;
            break;
        case Where::comment:
        case Where::comment_star:
        case Where::comment_slash:
            take_comment(c);
            break;
        case Where::first_word:
            if (is_word_char(c)) {
                add_to_word(c);
            } else {
                end_first_word();
                take_rest(c);
            }
            break;
        case Where::rest:
            take_rest(c);
            break;
    }
    previous_ = c;
}

void StatementScan::take_before(char c) noexcept {
    if (is_blank(c) || c == ';') return;
    // What looks like a comment is one only where the text before it is understood.
    if (exact_ && c == '-') {
        where_ = Where::dash;
    } else if (exact_ && c == '/') {
        where_ = Where::slash;
    } else if (is_word_char(c)) {
        begin_statement(Where::first_word);
        add_to_word(c);
    } else if (c == '(') {  // (SELECT …) UNION …
        begin_statement(Where::first_word);
        add_to_word(c);
        end_first_word();
        take_rest(c);
    } else {
        begin_statement(Where::rest);
        take_rest(c);
    }
}

void StatementScan::take_comment(char c) noexcept {
    if (where_ == Where::comment_star && c == '/') {
        where_ = --comment_depth_ == 0 ? Where::before : Where::comment;
    } else if (where_ == Where::comment_slash && c == '*') {
        where_ = Where::comment;
        if (comment_depth_ == 255) {
            begin_statement(Where::rest);
        } else {
            ++comment_depth_;
        }
    } else {
        where_ = c == '*' ? Where::comment_star : c == '/' ? Where::comment_slash : Where::comment;
    }
}

void StatementScan::take_rest(char c) noexcept {
    if (watching_) {
        if (is_word_char(c)) {
            add_to_word(c);
            return;
        }
        end_later_word();
    }
    switch (c) {
        case ';':
            if (parentheses_ > 0) exact_ = false;
            where_ = Where::before;
            break;
        case '(':
            ++parentheses_;
            break;
        case ')':
            if (parentheses_ > 0) --parentheses_;
            break;
        case '\'':
        case '"':
        case '$':
            exact_ = false;
            break;
        case '-':
        case '*':
            if (previous_ == (c == '-' ? '-' : '/')) exact_ = false;
            break;
        default:
            break;
    }
}

// Where its first word is not read, it stays doubtful.
void StatementScan::begin_statement(Where where) noexcept {
    end_later_word();
    ++statements_;
    parentheses_ = 0;
    watching_ = false;
    where_ = where;
    if (where == Where::rest) {
        exact_ = false;
        judge(Effect::doubtful);
    }
}

void StatementScan::judge(Effect effect) noexcept {
    if (statements_ == 1) first_ = std::max(first_, effect);
    worst_ = std::max(worst_, effect);
}

void StatementScan::add_to_word(char c) noexcept {
    if (word_length_ == word_.size()) {
        word_too_long_ = true;
        return;
    }
    word_[word_length_++] = small_letter(c);
}

void StatementScan::end_first_word() noexcept {
    Effect effect = Effect::doubtful;
    if (!word_too_long_ && is_one_of(plain_words, word())) effect = Effect::plain;
    if (!word_too_long_ && is_one_of(ending_words, word())) {
        effect = Effect::ending;
        watching_ = true;
        // A function's body may be written with semicolons.
        if (word() == "create") exact_ = false;
    }
    judge(effect);
    word_length_ = 0;
    word_too_long_ = false;
    where_ = Where::rest;
}

void StatementScan::end_later_word() noexcept {
    if (watching_ && !word_too_long_ && is_one_of(words_of_doubt, word())) judge(Effect::doubtful);
    word_length_ = 0;
    word_too_long_ = false;
}

}  // namespace curfew::postgres
