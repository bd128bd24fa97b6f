#include "store/migration/migrate_store.hpp"

#include <optional>
#include <system_error>
#include <utility>

#include "store/postgres/connection.hpp"
#include "store/postgres/schema.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/file.hpp"
#include "store/sqlite/schema.hpp"

namespace curfew::store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using What = MigrationStep::What;

// Grants and requests refer to each other; this is what grants get once there are requests.
constexpr std::string_view comes_later = "request_id";

Result<StoreLock> lock_source(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
        return Error{ErrorCode::not_found, "There is no store " + path.string() +
                                               "; store.path in curfew.yaml names the one that curfewd uses"};
    }
    auto lock = StoreLock::take(path);
    if (lock) return lock;
    return Error{lock.error().code, lock.error().message + ". It must be stopped before its store is moved"};
}

Result<void> refuse_rows(const RowMovers& movers, Connection& to) {
    std::string tables;
    for (const auto& mover : movers) {
        if (mover->is_empty(to)) continue;
        tables += (tables.empty() ? "" : ", ") + std::string{mover->table().key.table};
    }
    if (tables.empty()) return {};
    return Error{ErrorCode::conflict,
                 "The store " + to.name() + " is not empty: there are rows in " + tables +
                     "; name a database that no curfewd has used yet, or, where nothing in "
                     "it is needed, drop its schema curfew first"};
}

std::uint64_t count_unfinished(Connection& from) {
    Query row{from, "SELECT count(*) FROM sessions WHERE state <> 'ended'"};
    return row.next() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

VerifiedChain verify_trail(Connection& connection, const std::function<void(const MigrationStep&)>& tell) {
    return verify_chain(connection, [&tell](std::uint64_t events) {
        tell({What::verifying, "events", events});
    });
}

Error broken_trail(const Connection& from, const ChainBreak& broken) {
    return {ErrorCode::conflict, "The audit trail of " + from.name() + " is broken: " + broken.what +
                                     ". Nothing was moved. Keep the file for whoever looks into it; "
                                     "--keep-broken-audit-trail moves all of it as it is"};
}

// With a transaction under way in both.
Result<Migrated> move_rows(const RowMovers& movers, Connection& from, Connection& to, VerifiedChain trail,
                           const std::function<void(const MigrationStep&)>& tell) {
    if (auto empty = refuse_rows(movers, to); !empty) return empty.error();
    const auto telling = [&tell](What what) -> RowsDone {
        return [&tell, what](const MovedTable& table, std::uint64_t rows) {
            tell({what, table.key.table, rows});
        };
    };
    Migrated migrated;
    migrated.audit_trail = std::move(trail);
    migrated.tables = copy_rows(movers, from, to, telling(What::copying));
    migrated.unfinished_sessions = count_unfinished(from);
    if (auto same = compare_rows(movers, from, to, telling(What::comparing)); !same) return same.error();
    if (verify_trail(to, tell) != migrated.audit_trail)
        return Error{ErrorCode::internal,
                     "The audit trail in " + to.name() + " is not the one in " + from.name()};
    return migrated;
}

Result<Migrated> migrate(SqliteConnection& from, PostgresConnection& to, RowMovers& movers,
                         BrokenTrail broken, const std::function<void(const MigrationStep&)>& tell) {
    if (auto known = check_schema(from); !known) return known.error();
    from.execute("BEGIN");
    VerifiedChain trail = verify_trail(from, tell);
    if (trail.broken && broken == BrokenTrail::refuse) return broken_trail(from, *trail.broken);
    to.connect();
    // That somebody has to do something about it, and not only wait, is no matter here.
    if (auto current = bring_schema_up_to_date(to); !current)
        return Error{ErrorCode::unavailable, current.error().message};
    // A node that starts now waits until this is over, and finds its store full.
    to.begin_alone();
    auto found = movers_between(from, to);
    if (!found) return found.error();
    movers = std::move(*found);
    auto migrated = move_rows(movers, from, to, std::move(trail), tell);
    if (migrated) to.commit(std::nullopt);
    return migrated;
}

}  // namespace

Result<RowMovers> movers_between(Connection& from, Connection& to) {
    auto tables = find_tables(from, to);
    if (!tables) return tables.error();
    RowMovers movers;
    for (MovedTable& table : *tables)
        movers.push_back(std::make_unique<RowMover>(std::move(table)));
    return movers;
}

std::vector<TableCount> copy_rows(const RowMovers& movers, Connection& from, Connection& to,
                                  const RowsDone& done) {
    std::vector<TableCount> counts;
    for (const auto& mover : movers) {
        const bool grants = mover->table().key.table == "grants";
        const std::string_view left_null = grants ? comes_later : std::string_view{};
        counts.push_back({std::string{mover->table().key.table}, mover->copy(from, to, left_null, done)});
        mover->go_on_counting(to);
    }
    for (const auto& mover : movers) {
        if (mover->table().key.table == "grants") mover->fill(from, to, comes_later);
    }
    return counts;
}

Result<void> compare_rows(const RowMovers& movers, Connection& from, Connection& to, const RowsDone& done) {
    for (const auto& mover : movers) {
        if (auto same = mover->compare(from, to, done); !same) return same.error();
    }
    return {};
}

Result<Migrated> migrate_store(const fs::path& from, const PostgresTarget& to, BrokenTrail broken,
                               const std::function<void(const MigrationStep&)>& tell) {
    const fs::path file = fs::absolute(from);
    auto lock = lock_source(file);
    if (!lock) return lock.error();
    const SystemClock clock;
    RowMovers movers;  // outlives the connections, which keep its statements
    PostgresConnection target{to, clock, std::make_shared<PostgresClock>()};
    std::optional<SqliteConnection> source;
    try {
        source.emplace(file, std::move(*lock), 5s);
    } catch (const SQLite::Exception& failure) {
        return explain_sqlite(failure, file);
    }
    try {
        auto migrated = migrate(*source, target, movers, broken, tell);
        source->roll_back();
        target.roll_back();
        return migrated;
    } catch (const SQLite::Exception& failure) {
        return explain_sqlite(failure, file);
    } catch (const std::exception& failure) {
        return target.explain(failure);
    }
}

}  // namespace curfew::store
