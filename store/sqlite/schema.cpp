#include "store/sqlite/schema.hpp"

#include <string>

#include "store/sql/audit_chain.hpp"
#include "store/sqlite/tables.hpp"

namespace curfew::store {
namespace {

// "Curf": tells a store of ours from any other SQLite database (PRAGMA application_id).
constexpr std::int64_t application_id = 0x43757266;

// From this version on events have a hash.
constexpr std::size_t version_of_chain = 4;

std::int64_t pragma(SqliteConnection& connection, std::string_view sql) {
    Query query{connection, sql};
    return query.next() ? query.integer(0) : 0;
}

Result<void> refuse_what_is_not_ours(SqliteConnection& connection) {
    const std::int64_t id = pragma(connection, "PRAGMA application_id");
    if (id == application_id) return {};
    if (id == 0 && pragma(connection, "SELECT count(*) FROM sqlite_schema") == 0) return {};
    return Error{ErrorCode::unavailable, "The store " + connection.name() +
                                             " is an SQLite database, but of something other than Curfew; "
                                             "let store.path name another file"};
}

Error damaged(const SqliteConnection& connection, const std::string& found) {
    return {ErrorCode::unavailable,
            "The store " + connection.name() + " is damaged (" + found + "); put a backup in its place"};
}

// Everything but what grows for years (sessions, requests, events): what a crash left running waits for the
// start that ends it. Damage among those is met, and told, when they are read.
Result<void> refuse_damage(SqliteConnection& connection) {
    for (const char* check : {"PRAGMA quick_check(installation)", "PRAGMA quick_check(grants)",
                              "PRAGMA quick_check(grant_extensions)", "PRAGMA quick_check(live_objects)",
                              "PRAGMA quick_check(passwords)", "PRAGMA quick_check(tokens)",
                              "PRAGMA quick_check(chat_accounts)"}) {
        Query row{connection, check};
        const std::string found = row.next() ? row.text(0) : "no answer";
        if (found == "ok") continue;
        return damaged(connection, found);
    }
    return {};
}

Result<void> refuse_newer(const SqliteConnection& connection, std::int64_t version) {
    if (version <= schema_version()) return {};
    return Error{ErrorCode::unavailable,
                 "The store " + connection.name() + " is of version " + std::to_string(version) +
                     ", and this curfewd knows versions up to " + std::to_string(schema_version()) +
                     "; run the newer curfewd that wrote it, or put a backup in its place"};
}

void take_step(SqliteConnection& connection, std::size_t step) {
    connection.execute("BEGIN IMMEDIATE");
    connection.execute(schema_steps()[step]);
    if (step + 1 == version_of_chain) chain_all_events(connection);
    connection.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    connection.execute(("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
    connection.execute("COMMIT");
}

}  // namespace

int schema_version() noexcept {
    return static_cast<int>(schema_steps().size());
}

Result<void> bring_schema_up_to_date(SqliteConnection& connection) {
    if (auto ours = refuse_what_is_not_ours(connection); !ours) return ours;
    const std::int64_t version = pragma(connection, "PRAGMA user_version");
    if (auto known = refuse_newer(connection, version); !known) return known;
    for (auto step = static_cast<std::size_t>(version); step < schema_steps().size(); ++step)
        take_step(connection, step);
    return refuse_damage(connection);
}

Result<void> check_schema(SqliteConnection& connection) {
    if (auto ours = refuse_what_is_not_ours(connection); !ours) return ours;
    const std::int64_t version = pragma(connection, "PRAGMA user_version");
    if (version != schema_version()) {
        return Error{ErrorCode::conflict,
                     "The store " + connection.name() + " is of version " + std::to_string(version) +
                         ", and this program moves version " + std::to_string(schema_version()) +
                         "; start the curfewd of this version with it once, stop it, and "
                         "move it then"};
    }
    Query row{connection, "PRAGMA quick_check"};
    const std::string found = row.next() ? row.text(0) : "no answer";
    if (found != "ok") return damaged(connection, found);
    return {};
}

}  // namespace curfew::store
