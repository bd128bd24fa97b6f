#include "store/migration/rows.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"

namespace curfew::store {
namespace {

// A statement of numbers that are used up, far below a statement's time.
constexpr std::int64_t numbers_at_a_time = 100'000;

void bind_value(Statement& statement, int index, const Value& value, ColumnType type) {
    if (std::holds_alternative<std::monostate>(value)) {
        statement.bind_null(index);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
        statement.bind(index, *number);
    } else if (type == ColumnType::bytes) {
        statement.bind_bytes(index, std::get<std::string>(value));
    } else {
        statement.bind(index, std::string_view{std::get<std::string>(value)});
    }
}

// Makes a prepared statement ready for its next use, whatever becomes of this one.
class Use {
public:
    Use(Connection& connection, std::string_view sql) : statement_{connection.prepared(sql)} {}
    ~Use() { statement_.reset(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    Statement& operator*() const noexcept { return statement_; }
    Statement* operator->() const noexcept { return &statement_; }

private:
    Statement& statement_;
};

Row read_row(const Statement& statement, const std::vector<Column>& columns) {
    Row row;
    row.reserve(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int place = static_cast<int>(i);
        if (statement.is_null(place)) {
            row.emplace_back();
        } else if (columns[i].type == ColumnType::integer) {
            row.emplace_back(statement.integer(place));
        } else {
            row.emplace_back(statement.text(place));
        }
    }
    return row;
}

template <class Names>
std::string with_commas(const Names& names) {
    std::string list;
    for (const auto& name : names) {
        if (!list.empty()) list += ", ";
        list += name;
    }
    return list;
}

}  // namespace

std::string held_text(const Connection& connection, const std::string& text) {
    const bool as_it_is = is_utf8(text) && text.find('\0') == std::string::npos;
    return as_it_is ? text : connection.holdable(text);
}

RowMover::RowMover(MovedTable table) : table_{std::move(table)} {
    const std::string name{table_.key.table};
    const std::string key = with_commas(table_.key.columns);
    for (const std::string_view column : table_.key.columns)
        key_places_.push_back(place_of(column));
    look_ = "SELECT 1 FROM " + name + " LIMIT 1";
    largest_ = "SELECT max(" + std::string{table_.key.columns.front()} + ") FROM " + name;
    const std::string select = "SELECT " + columns_list() + " FROM " + name;
    const std::string rest = " ORDER BY " + key + " LIMIT " + std::to_string(table_.key.rows_at_a_time);
    first_page_ = select + rest;
    const std::vector<std::string> marks(table_.key.columns.size(), "?");
    next_page_ = select + " WHERE (" + key + ") > (" + with_commas(marks) + ")" + rest;
}

std::string RowMover::columns_list() const {
    std::vector<std::string_view> names;
    for (const Column& column : table_.columns)
        names.emplace_back(column.name);
    return with_commas(names);
}

std::size_t RowMover::place_of(std::string_view column) const {
    const auto found = std::find_if(table_.columns.begin(), table_.columns.end(),
                                    [column](const Column& one) { return one.name == column; });
    return static_cast<std::size_t>(found - table_.columns.begin());
}

bool RowMover::is_empty(Connection& connection) const {
    Query row{connection, look_};
    return !row.next();
}

std::vector<Row> RowMover::page_after(Connection& connection, const std::optional<Row>& last) const {
    const Use page{connection, last ? next_page_ : first_page_};
    for (std::size_t i = 0; last && i < key_places_.size(); ++i) {
        const std::size_t place = key_places_[i];
        bind_value(*page, static_cast<int>(i) + 1, (*last)[place], table_.columns[place].type);
    }
    std::vector<Row> rows;
    while (page->next())
        rows.push_back(read_row(*page, table_.columns));
    return rows;
}

std::string_view RowMover::insert_statement(std::size_t rows) {
    std::string& sql = inserts_[rows];
    if (!sql.empty()) return sql;
    const std::string marks = "(" + with_commas(std::vector<std::string>(table_.columns.size(), "?")) + ")";
    sql = "INSERT INTO " + std::string{table_.key.table} + " (" + columns_list() + ") VALUES " +
          with_commas(std::vector<std::string>(rows, marks));
    return sql;
}

void RowMover::insert(Connection& to, const std::vector<Row>& rows, std::string_view left_null) {
    const Use statement{to, insert_statement(rows.size())};
    int index = 0;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const Column& column = table_.columns[i];
            Value value = column.name == left_null ? Value{} : row[i];
            if (auto* text = std::get_if<std::string>(&value); text && column.type == ColumnType::text)
                *text = held_text(to, *text);
            bind_value(*statement, ++index, value, column.type);
        }
    }
    statement->run();
}

std::uint64_t RowMover::copy(Connection& from, Connection& to, std::string_view left_null,
                             const RowsDone& done) {
    std::uint64_t copied = 0;
    std::vector<Row> rows = page_after(from, std::nullopt);
    while (!rows.empty()) {
        insert(to, rows, left_null);
        copied += rows.size();
        done(table_, copied);
        rows = page_after(from, std::move(rows.back()));
    }
    return copied;
}

void RowMover::fill(Connection& from, Connection& to, std::string_view column) {
    const std::size_t place = place_of(column);
    const std::size_t key = key_places_.front();
    if (fill_.empty())
        fill_ = "UPDATE " + std::string{table_.key.table} + " SET " + std::string{column} + " = ? WHERE " +
                std::string{table_.key.columns.front()} + " = ?";
    std::vector<Row> rows = page_after(from, std::nullopt);
    while (!rows.empty()) {
        for (const Row& row : rows) {
            if (std::holds_alternative<std::monostate>(row[place])) continue;
            const Use statement{to, fill_};
            bind_value(*statement, 1, row[place], table_.columns[place].type);
            bind_value(*statement, 2, row[key], table_.columns[key].type);
            statement->run();
        }
        rows = page_after(from, std::move(rows.back()));
    }
}

// By using them up: to set a sequence wants a right that a node's role does not have.
void RowMover::go_on_counting(Connection& to) {
    if (!table_.key.numbered) return;
    const std::string table{table_.key.table};
    const std::string column{table_.key.columns.front()};
    std::int64_t largest = 0;
    if (Query found{to, largest_}; found.next()) largest = found.integer(0);
    const std::string qualified = "curfew." + table;
    std::int64_t reached = 0;
    std::int64_t wanted = 1;
    while (reached < largest) {
        Query used{to,
                   "SELECT max(nextval(CAST(pg_get_serial_sequence(?, ?) AS regclass))) "
                   "FROM generate_series(1, ?)",
                   qualified, column, wanted};
        used.next();
        reached = used.integer(0);
        wanted = std::min(largest - reached, numbers_at_a_time);
    }
}

std::string RowMover::difference(const Row& from, const Row& to, const Connection& target) const {
    for (std::size_t i = 0; i < from.size(); ++i) {
        const auto* text = std::get_if<std::string>(&from[i]);
        const bool is_text = text != nullptr && table_.columns[i].type == ColumnType::text;
        if ((is_text ? Value{held_text(target, *text)} : from[i]) != to[i]) return table_.columns[i].name;
    }
    return {};
}

Result<std::uint64_t> RowMover::compare(Connection& from, Connection& to, const RowsDone& done) const {
    const auto differs = [&](std::uint64_t row, const std::string& how) {
        return Error{ErrorCode::internal, "The copy in " + to.name() + " is not what " + from.name() +
                                              " holds: row " + std::to_string(row) + " of table " +
                                              std::string{table_.key.table} + ", ordered by " +
                                              with_commas(table_.key.columns) + ", " + how};
    };
    std::uint64_t compared = 0;
    std::vector<Row> here = page_after(from, std::nullopt);
    std::vector<Row> there = page_after(to, std::nullopt);
    while (!here.empty() || !there.empty()) {
        for (std::size_t i = 0; i < std::min(here.size(), there.size()); ++i) {
            const std::string column = difference(here[i], there[i], to);
            if (!column.empty()) return differs(compared + i + 1, "differs in column " + column);
        }
        if (here.size() != there.size()) {
            const bool missing = here.size() > there.size();
            return differs(compared + std::min(here.size(), there.size()) + 1,
                           missing ? "is missing there" : "is there alone");
        }
        compared += here.size();
        done(table_, compared);
        there = page_after(to, std::move(there.back()));
        here = page_after(from, std::move(here.back()));
    }
    return compared;
}

}  // namespace curfew::store
