// A real client: libpq.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace curfew::test {

// A statement or connection that failed, as libpq reported it.
class PgError : public std::runtime_error {
public:
    PgError(std::string message, std::string sqlstate)
        : std::runtime_error{message}, sqlstate_{std::move(sqlstate)} {}
    // Empty where the server did not send one, and for failures to connect (libpq 15 does not tell it).
    const std::string& sqlstate() const noexcept { return sqlstate_; }

private:
    std::string sqlstate_;
};

class PgResult {
public:
    explicit PgResult(PGresult* result) : result_{result, PQclear} {}

    PGresult* get() const noexcept { return result_.get(); }
    ExecStatusType status() const { return PQresultStatus(result_.get()); }
    int rows() const { return PQntuples(result_.get()); }
    std::string value(int row = 0, int column = 0) const;
    std::string sqlstate() const;
    std::string error() const { return PQresultErrorMessage(result_.get()); }

private:
    std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

class PgConnection {
public:
    // Throws PgError where the connection is refused.
    explicit PgConnection(const std::string& conninfo);

    // Runs one simple Query. Throws PgError if it fails.
    PgResult exec(const std::string& sql);
    // The first column of the first row; "" if there is none.
    std::string value(const std::string& sql);
    // Runs one simple Query that must fail, and gives how. Throws std::logic_error if it works.
    PgError failure(const std::string& sql);

    PGconn* get() const noexcept { return connection_.get(); }
    int backend_pid() const { return PQbackendPID(connection_.get()); }
    // Texts of the notices received so far.
    const std::vector<std::string>& notices() const noexcept { return *notices_; }

private:
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
    std::unique_ptr<std::vector<std::string>> notices_;  // libpq holds its address
};

// The error text with which libpq is refused. Throws std::logic_error if it is let in.
std::string refusal(const std::string& conninfo);

}  // namespace curfew::test
