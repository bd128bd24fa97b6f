// Moves a whole installation from an SQLite store to one in PostgreSQL.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/migration/rows.hpp"
#include "store/postgres/target.hpp"
#include "store/sql/audit_chain.hpp"

namespace curfew::store {

struct TableCount {
    std::string name;
    std::uint64_t rows = 0;
};

struct Migrated {
    std::vector<TableCount> tables;
    // Sessions whose end nobody recorded: a node of the same name looks for their backends when it starts.
    std::uint64_t unfinished_sessions = 0;
    VerifiedChain audit_trail;  // of events, the same in both
};

// What becomes of an audit trail in which an event is not what was written: nothing is moved, or all of it,
// as it is.
enum class BrokenTrail { refuse, keep };

struct MigrationStep {
    enum class What { copying, comparing, verifying } what = What::copying;
    std::string_view table;
    std::uint64_t rows = 0;  // of it, so far
};

// Verifies the chain of events, makes the tables in `to` where they are missing, copies every row in one
// transaction, reads all of both back, compares them, verifies the chain anew, and commits only what is the
// same. The file stays as it is. Blocks; `tell` is called every few hundred rows. Errors: not_found: there is
// no such file; conflict: `to` has rows, one of them is of another version, or the audit trail is broken;
// unavailable: the file is in use or damaged, PostgreSQL does not answer or refuses; internal: the copy
// differs.
Result<Migrated> migrate_store(const std::filesystem::path& from, const PostgresTarget& to,
                               BrokenTrail broken, const std::function<void(const MigrationStep&)>& tell);

// The two halves of it, with a transaction under way in `to`.
using RowMovers = std::vector<std::unique_ptr<RowMover>>;  // of all tables, in their order
Result<RowMovers> movers_between(Connection& from, Connection& to);
std::vector<TableCount> copy_rows(const RowMovers& movers, Connection& from, Connection& to,
                                  const RowsDone& done);
Result<void> compare_rows(const RowMovers& movers, Connection& from, Connection& to, const RowsDone& done);

}  // namespace curfew::store
