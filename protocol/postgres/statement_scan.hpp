// What SQL text can do to transactions, as far as its first words tell.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace curfew::postgres {

// What a statement may do to the transaction that it runs in, from harmless to worst.
enum class Effect : std::uint8_t {
    plain,     // takes part in it, and can neither end it nor commit by itself
    ending,    // may end it, or commit by itself; once it is answered, it has
    doubtful,  // may commit while it still runs, such as CALL; or it is not known
};

// Reads the text of a Query or Parse in pieces, without its zero. Not a parser: a semicolon anywhere, be it
// in a literal, may begin another statement, so it errs towards doubt alone.
class StatementScan {
public:
    void read(std::string_view piece) noexcept;
    // The text has ended.
    void finish() noexcept;
    // The text goes on, but nothing more of it will be read.
    void cut() noexcept;

    Effect first() const noexcept { return first_; }
    Effect worst() const noexcept { return worst_; }
    // How many statements there are at most; exactly, where nothing in the text can hide a semicolon.
    std::uint32_t statements() const noexcept { return statements_; }
    bool exact() const noexcept { return exact_; }

private:
    enum class Where : std::uint8_t {
        before,  // a statement
        dash,    // of a comment, perhaps
        slash,
        line_comment,
        comment,
        comment_star,
        comment_slash,
        first_word,
        rest,
    };

    void take(char c) noexcept;
    void take_before(char c) noexcept;
    void take_comment(char c) noexcept;
    void take_rest(char c) noexcept;
    void begin_statement(Where where) noexcept;
    void judge(Effect effect) noexcept;
    void add_to_word(char c) noexcept;
    void end_first_word() noexcept;
    void end_later_word() noexcept;
    std::string_view word() const noexcept { return {word_.data(), word_length_}; }

    std::array<char, 16> word_{};  // in small letters
    std::uint8_t word_length_ = 0;
    std::uint8_t comment_depth_ = 0;
    Where where_ = Where::before;
    char previous_ = '\0';
    bool word_too_long_ = false;
    bool watching_ = false;  // some later word may change what the statement does
    bool exact_ = true;
    Effect first_ = Effect::plain;
    Effect worst_ = Effect::plain;
    std::uint32_t statements_ = 0;
    std::uint32_t parentheses_ = 0;
};

}  // namespace curfew::postgres
