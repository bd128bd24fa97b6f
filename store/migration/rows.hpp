// Rows of any table of a store: read in pages, written, and compared.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "store/migration/tables.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

// NULL, a number, or the bytes of a text or a blob.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Value>;  // in the order of the table's columns

// How many rows of it are done.
using RowsDone = std::function<void(const MovedTable& table, std::uint64_t rows)>;

// The statements for one table, and what is done by them. Connections must not outlive it: they keep its
// statements by their text. Functions throw what the connection explains.
class RowMover {
public:
    explicit RowMover(MovedTable table);
    RowMover(const RowMover&) = delete;
    RowMover& operator=(const RowMover&) = delete;

    const MovedTable& table() const noexcept { return table_; }

    bool is_empty(Connection& connection) const;
    // The rows after this one, or the first ones; none: that was the last.
    std::vector<Row> page_after(Connection& connection, const std::optional<Row>& last) const;
    // Copies every row; how many there were. Columns of this name stay NULL: what they refer to comes later.
    std::uint64_t copy(Connection& from, Connection& to, std::string_view left_null, const RowsDone& done);
    // Gives rows that were copied what was left NULL; always for the same column.
    void fill(Connection& from, Connection& to, std::string_view column);
    // Lets the numbers that the target gives by itself go on after those that are there.
    void go_on_counting(Connection& to);
    // Reads every row of both; how many there are. internal: they are not the same; the message says where,
    // but shows no value.
    Result<std::uint64_t> compare(Connection& from, Connection& to, const RowsDone& done) const;

private:
    void insert(Connection& to, const std::vector<Row>& rows, std::string_view left_null);
    std::string_view insert_statement(std::size_t rows);
    std::string columns_list() const;
    std::size_t place_of(std::string_view column) const;
    std::string difference(const Row& from, const Row& to, const Connection& target) const;

    const MovedTable table_;
    std::vector<std::size_t> key_places_;
    std::string look_;
    std::string largest_;
    std::string first_page_;
    std::string next_page_;
    std::string fill_;
    std::map<std::size_t, std::string> inserts_;  // by how many rows
};

// A text as this database can hold it: as it is, or where it is no UTF-8 or has a NUL, with those bytes as
// `\xNN`.
std::string held_text(const Connection& connection, const std::string& text);

}  // namespace curfew::store
