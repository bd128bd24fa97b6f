// What a client's prepared statements and portals do to transactions, in a fixed amount of memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/postgres/message_tap.hpp"
#include "protocol/postgres/statement_scan.hpp"

namespace curfew::postgres {

// Fed with the pieces of Query, Parse, Bind and Execute messages. Remembers of names no more than a hash: a
// statement that shares one with a worse one counts as that, and a name is never forgotten.
class StatementEffects {
public:
    void take(const TappedPiece& piece) noexcept;

    // Of the Query that was taken last.
    const StatementScan& query() const noexcept { return scan_; }
    // Of what the Execute that was taken last runs.
    Effect executed() const noexcept { return executed_; }

private:
    // By names: bits of hashes.
    struct Names {
        Effect unnamed = Effect::plain;
        std::uint64_t ending = 0;
        std::uint64_t doubtful = 0;

        Effect of(std::uint64_t bit) const noexcept;
        void set(std::uint64_t bit, Effect effect) noexcept;
    };
    // Takes a name up to its zero; false: more of it comes.
    bool take_name(std::string_view& bytes) noexcept;
    // Of the name that was taken; 0: it is empty.
    std::uint64_t name_bit() const noexcept;
    void begin(char type) noexcept;
    void take_sql(std::string_view bytes, bool last) noexcept;

    StatementScan scan_;
    Names statements_;
    Names portals_;
    std::uint64_t first_bit_ = 0;  // of the first of two names
    std::uint32_t hash_ = 0;
    bool empty_ = true;
    std::uint8_t field_ = 0;  // of the message: how many zeros came
    Effect executed_ = Effect::plain;
};

}  // namespace curfew::postgres
