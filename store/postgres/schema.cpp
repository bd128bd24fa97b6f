#include "store/postgres/schema.hpp"

#include <chrono>
#include <string_view>
#include <vector>

#include "pq/sqlstate.hpp"
#include "store/postgres/tables.hpp"

namespace curfew::store {
namespace {

constexpr std::string_view find_version_table = "SELECT to_regclass('curfew.schema_version') IS NOT NULL";
constexpr const char* make_version_table =
    "CREATE TABLE curfew.schema_version (only_one integer PRIMARY KEY CHECK (only_one = 1), "
    "version integer NOT NULL)";

// The statements of a step: each ends with a semicolon at the end of a line.
std::vector<std::string> statements_of(std::string_view step) {
    std::vector<std::string> statements;
    for (;;) {
        const std::size_t end = step.find(";\n");
        if (end == std::string_view::npos) return statements;
        statements.emplace_back(step.substr(0, end));
        step.remove_prefix(end + 2);
    }
}

// A step may have to write every row that there is.
constexpr std::chrono::hours longest_step{6};

void run(PostgresConnection& connection, const std::string& statement) {
    (void)connection.ask_once(statement, longest_step);
}

// 0: there is nothing yet.
int version_of(PostgresConnection& connection) {
    if (connection.ask(find_version_table, {}).value(0, 0) != "t") return 0;
    const pq::Answer answer = connection.ask("SELECT version FROM curfew.schema_version", {});
    return answer.rows() == 1 ? std::stoi(std::string{answer.value(0, 0)}) : 0;
}

Error newer(const PostgresConnection& connection, int version) {
    return {ErrorCode::invalid, "The store " + connection.name() + " is of version " +
                                    std::to_string(version) + ", and this curfewd knows versions up to " +
                                    std::to_string(postgres_schema_version()) +
                                    "; run the newer curfewd that the other nodes run"};
}

Error may_not(const PostgresConnection& connection, int version, const PostgresFailure& failure) {
    return {ErrorCode::invalid, "The store " + connection.name() + " is of version " +
                                    std::to_string(version) + " and has to be brought to version " +
                                    std::to_string(postgres_schema_version()) +
                                    ", which this role may not do (" + failure.what() +
                                    "); have its owner run: curfew admin store-sql | psql"};
}

void take_steps(PostgresConnection& connection, int version) {
    run(connection, "SET LOCAL statement_timeout = 0");
    if (version == 0) {
        // Only where it is missing: the right to make schemas is not needed where somebody made it.
        if (connection.ask("SELECT to_regnamespace('curfew') IS NULL", {}).value(0, 0) == "t")
            run(connection, "CREATE SCHEMA curfew");
        run(connection, make_version_table);
        run(connection, "INSERT INTO curfew.schema_version VALUES (1, 0)");
    }
    const auto steps = postgres_schema_steps();
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
        for (const std::string& statement : statements_of(steps[step]))
            run(connection, statement);
    }
    run(connection,
        "UPDATE curfew.schema_version SET version = " + std::to_string(postgres_schema_version()));
}

}  // namespace

int postgres_schema_version() noexcept {
    return static_cast<int>(postgres_schema_steps().size());
}

Result<void> bring_schema_up_to_date(PostgresConnection& connection) {
    connection.begin_alone();
    const int version = version_of(connection);
    if (version > postgres_schema_version()) {
        connection.roll_back();
        return newer(connection, version);
    }
    if (version < postgres_schema_version()) {
        try {
            take_steps(connection, version);
        } catch (const PostgresFailure& failure) {
            connection.roll_back();
            if (failure.sqlstate() == pq::insufficient_privilege)
                return may_not(connection, version, failure);
            throw;
        }
    }
    connection.commit(std::nullopt);
    return {};
}

}  // namespace curfew::store
