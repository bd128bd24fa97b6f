// What the names in a recording stand for: which statement an Execute runs, with which parameters. Fed with
// the entries in their order, by whoever shows or exports them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recording/entry.hpp"

namespace curfew::recording {

// What an Execute runs.
struct Execution {
    std::shared_ptr<const entry::Parse> statement;  // null: its Parse is not in the recording, or forgotten
    std::vector<Value> parameters;                  // empty also where its Bind is not known
};

// Remembers names as PostgreSQL does, within bounds: past `most_statements` or `most_bytes` it forgets the
// half that came first, and an Execute of those has no statement.
class StatementBook {
public:
    static constexpr std::size_t most_statements = 10'000;
    static constexpr std::size_t most_bytes = 64U << 20U;

    void see(const Entry& entry);

    // Of an Execute that is the latest entry seen.
    Execution of(const entry::Execute& execute) const;

private:
    struct Statement {
        std::shared_ptr<const entry::Parse> parse;
        std::uint64_t number = 0;
        std::size_t bytes = 0;
    };
    struct Portal {
        std::shared_ptr<const entry::Parse> statement;
        std::vector<Value> parameters;
        std::uint64_t number = 0;
        std::size_t bytes = 0;
    };
    void see_parse(const entry::Parse& parse);
    void see_bind(const entry::Bind& bind);
    void forget_some();

    std::map<std::string, Statement, std::less<>> statements_;
    std::map<std::string, Portal, std::less<>> portals_;
    std::uint64_t next_number_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace curfew::recording
