#include "support/pg_connection.hpp"

namespace curfew::test {
namespace {

// libpq drops notices that arrive before a processor is set, so connecting is done in steps.
void connect(PGconn* connection) {
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        if (status == PGRES_POLLING_FAILED) throw PgError(PQerrorMessage(connection), "");
        fd_set set;
        FD_ZERO(&set);
        FD_SET(PQsocket(connection), &set);
        timeval limit{30, 0};
        const bool reading = status == PGRES_POLLING_READING;
        const int ready = ::select(PQsocket(connection) + 1, reading ? &set : nullptr,
                                   reading ? nullptr : &set, nullptr, &limit);
        if (ready <= 0) throw PgError("no answer within 30 s", "");
        status = PQconnectPoll(connection);
    }
}

}  // namespace

std::string PgResult::value(int row, int column) const {
    if (row >= rows() || PQgetisnull(result_.get(), row, column) != 0) return {};
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::string PgResult::sqlstate() const {
    const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
    return state == nullptr ? "" : state;
}

PgConnection::PgConnection(const std::string& conninfo)
    : connection_{PQconnectStart(conninfo.c_str()), PQfinish},
      notices_{std::make_unique<std::vector<std::string>>()} {
    if (PQstatus(connection_.get()) == CONNECTION_BAD) throw PgError(PQerrorMessage(connection_.get()), "");
    PQsetNoticeReceiver(
        connection_.get(),
        [](void* notices, const PGresult* notice) {
            const char* text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
            static_cast<std::vector<std::string>*>(notices)->emplace_back(text == nullptr ? "" : text);
        },
        notices_.get());
    connect(connection_.get());
}

PgResult PgConnection::exec(const std::string& sql) {
    PGconn* connection = connection_.get();
    if (PQsendQuery(connection, sql.c_str()) != 1) throw PgError(PQerrorMessage(connection), "");
    // Not PQexec: it keeps the last result, and of a FATAL followed by the end of the connection that one has
    // no SQLSTATE.
    PgResult last{nullptr};
    while (PGresult* next = PQgetResult(connection)) {
        PgResult result{next};
        switch (result.status()) {
            case PGRES_COMMAND_OK:
            case PGRES_TUPLES_OK:
            case PGRES_EMPTY_QUERY:
                last = std::move(result);
                break;
            case PGRES_COPY_IN:
            case PGRES_COPY_OUT:
                return result;
            default: {
                PgError error{result.error(), result.sqlstate()};
                while (PGresult* rest = PQgetResult(connection))
                    PQclear(rest);
                throw error;
            }
        }
    }
    return last;
}

std::string PgConnection::value(const std::string& sql) {
    return exec(sql).value();
}

PgError PgConnection::failure(const std::string& sql) {
    try {
        exec(sql);
    } catch (const PgError& error) {
        return error;
    }
    throw std::logic_error("worked, and should have failed: " + sql);
}

std::string refusal(const std::string& conninfo) {
    try {
        const PgConnection connection{conninfo};
    } catch (const PgError& error) {
        return error.what();
    }
    throw std::logic_error("was let in: " + conninfo);
}

}  // namespace curfew::test
