// The tables of a store as both databases have them, for moving what is in them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

enum class ColumnType { integer, text, bytes };

struct Column {
    std::string name;
    ColumnType type = ColumnType::integer;
};

// A table's name, and what tells its rows apart and orders them the same in both databases.
struct TableKey {
    std::string_view table;
    std::vector<std::string_view> columns;
    // Its numbers are given by the database: the next row's has to be larger than all that there are.
    bool numbered = false;
    // How many are read, written and held in memory together: their parameters stay far below what one
    // statement of PostgreSQL takes (65,535), their size far below what a message does.
    std::size_t rows_at_a_time = 200;
};

// Every table that is moved, those first that others refer to.
std::span<const TableKey> tables_to_move();

struct MovedTable {
    TableKey key;
    std::vector<Column> columns;  // of both databases, the key's included
};

// What both databases have, in the order of tables_to_move(). conflict: they do not have the same tables and
// columns, so that something would be left behind. Throws what the connections explain.
Result<std::vector<MovedTable>> find_tables(Connection& sqlite, Connection& postgres);

}  // namespace curfew::store
