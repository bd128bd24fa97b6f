#include "store/migration/tables.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace curfew::store {
namespace {

// What a store has and a new place has no use for: which nodes there were.
constexpr std::string_view left_behind = "nodes";

using Names = std::set<std::string, std::less<>>;

Error differ(const std::string& what) {
    return {ErrorCode::conflict, "The two stores do not have the same tables: " + what +
                                     "; use the curfew command of the curfewd that wrote the SQLite store"};
}

ColumnType type_of(std::string_view name) {
    if (name == "text") return ColumnType::text;
    return name == "bytea" ? ColumnType::bytes : ColumnType::integer;
}

std::vector<Column> columns_of_postgres(Connection& postgres, const std::string& table) {
    std::vector<Column> columns;
    Query found{
        postgres,
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = to_regclass(?) "
        "AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        "curfew." + table};
    while (found.next())
        columns.push_back({found.text(0), type_of(found.text(1))});
    return columns;
}

Names columns_of_sqlite(Connection& sqlite, const std::string& table) {
    Names columns;
    Query found{sqlite, "SELECT name FROM pragma_table_info(?)", table};
    while (found.next())
        columns.insert(found.text(0));
    return columns;
}

Names tables_of_sqlite(Connection& sqlite) {
    Names tables;
    Query found{sqlite, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"};
    while (found.next())
        tables.insert(found.text(0));
    return tables;
}

// SQLite numbers rows by itself where no column does.
Names names_of(const std::vector<Column>& columns) {
    Names names;
    for (const Column& column : columns) {
        if (column.name != "rowid") names.insert(column.name);
    }
    return names;
}

}  // namespace

std::span<const TableKey> tables_to_move() {
    static const std::vector<TableKey> tables{
        {"installation", {"only_one"}},
        {"events", {"number"}, true},
        {"grants", {"seq"}, true},
        {"requests", {"seq"}, true},
        {"commands", {"request_id"}, false, 8},
        {"grant_extensions", {"seq"}, true},
        {"sessions", {"seq"}, true},
        {"receipts", {"session_id"}},
        {"reviews", {"seq"}, true},
        {"live_objects", {"kind", "name"}},
        {"passwords", {"user_name"}},
        {"tokens", {"seq"}, true},
        {"sign_ins", {"seq"}, true},
        {"claims", {"user_name"}},
        {"one_time_links", {"hash"}},
        {"idempotency", {"rowid"}, true},
        {"notifier_places", {"notifier"}},
        {"deliveries", {"seq"}, true},
        {"chat_accounts", {"team", "account"}},
        {"chat_subscriptions", {"notifier", "team", "account", "resource"}},
        {"seen_once", {"key"}},
    };
    return tables;
}

Result<std::vector<MovedTable>> find_tables(Connection& sqlite, Connection& postgres) {
    Names unknown = tables_of_sqlite(sqlite);
    unknown.erase(std::string{left_behind});
    std::vector<MovedTable> tables;
    for (const TableKey& key : tables_to_move()) {
        const std::string name{key.table};
        unknown.erase(name);
        MovedTable table{key, columns_of_postgres(postgres, name)};
        if (table.columns.empty()) return differ(postgres.name() + " has no table " + name);
        if (names_of(table.columns) != columns_of_sqlite(sqlite, name))
            return differ("table " + name + " has other columns in one than in the other");
        tables.push_back(std::move(table));
    }
    if (!unknown.empty()) return differ("of table " + *unknown.begin() + " nothing is known");
    return tables;
}

}  // namespace curfew::store
