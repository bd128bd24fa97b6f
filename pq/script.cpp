// Running a text, or one statement, whose whole answer is handed on as it comes.
#include "pq/script.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include "pq/connection.hpp"

namespace curfew::pq {

namespace asio = boost::asio;

namespace {

constexpr const char* copy_refused = "a script cannot send rows to COPY FROM STDIN: use INSERT";

using ResultPointer = std::unique_ptr<PGresult, void (*)(PGresult*)>;

std::string text_of(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string{} : std::string{text};
}

ScriptError error_of(const PGresult* result) {
    ScriptError error;
    error.severity = text_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    error.sqlstate = text_of(result, PG_DIAG_SQLSTATE);
    error.message = text_of(result, PG_DIAG_MESSAGE_PRIMARY);
    error.detail = text_of(result, PG_DIAG_MESSAGE_DETAIL);
    error.hint = text_of(result, PG_DIAG_MESSAGE_HINT);
    const std::string position = text_of(result, PG_DIAG_STATEMENT_POSITION);
    std::from_chars(position.data(), position.data() + position.size(), error.position);
    return error;
}

void receive_notice(void* receiver, const PGresult* notice) {
    static_cast<ScriptReceiver*>(receiver)->noticed(text_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED),
                                                    text_of(notice, PG_DIAG_MESSAGE_PRIMARY));
}

// Has the connection's notices told to `receiver` for as long as it lives.
class NoticesTo {
public:
    NoticesTo(PGconn* connection, ScriptReceiver& receiver)
        : connection_{connection}, before_{PQsetNoticeReceiver(connection, receive_notice, &receiver)} {}
    ~NoticesTo() { PQsetNoticeReceiver(connection_, before_, nullptr); }
    NoticesTo(const NoticesTo&) = delete;
    NoticesTo& operator=(const NoticesTo&) = delete;

private:
    PGconn* connection_;
    PQnoticeReceiver before_;
};

// Rows come one by one, each with its columns' names, which are told once a statement.
class RowReader {
public:
    explicit RowReader(ScriptReceiver& receiver) : receiver_{receiver} {}

    void take(const PGresult* result) {
        const int count = PQnfields(result);
        if (!std::exchange(within_rows_, true)) {
            std::vector<std::string_view> names;
            for (int column = 0; column < count; ++column)
                names.emplace_back(PQfname(result, column));
            receiver_.columns(names);
        }
        for (int row = 0; row < PQntuples(result); ++row) {
            values_.clear();
            for (int column = 0; column < count; ++column)
                values_.push_back(value(result, row, column));
            receiver_.row(values_);
        }
    }
    void end() { within_rows_ = false; }

private:
    static ScriptReceiver::Value value(const PGresult* result, int row, int column) {
        if (PQgetisnull(result, row, column) == 1) return std::nullopt;
        return std::string_view{PQgetvalue(result, row, column),
                                static_cast<std::size_t>(PQgetlength(result, row, column))};
    }

    ScriptReceiver& receiver_;
    bool within_rows_ = false;
    std::vector<ScriptReceiver::Value> values_;
};

}  // namespace

asio::awaitable<Result<void>> Connection::run_script(std::string text, ScriptReceiver& receiver) {
    if (PQsendQuery(connection_.get(), text.c_str()) != 1) co_return failure();
    co_return co_await receive(receiver);
}

asio::awaitable<Result<void>> Connection::run_statement(std::string sql, std::vector<Value> values,
                                                        ScriptReceiver& receiver) {
    std::vector<const char*> pointers;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Value& value : values) {
        pointers.push_back(value.bytes ? value.bytes->c_str() : nullptr);
        lengths.push_back(value.bytes ? static_cast<int>(value.bytes->size()) : 0);
        formats.push_back(value.binary ? 1 : 0);
    }
    if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                          pointers.data(), lengths.data(), formats.data(), 0) != 1)
        co_return failure();
    co_return co_await receive(receiver);
}

asio::awaitable<Result<void>> Connection::receive(ScriptReceiver& receiver) {
    constexpr Deadline never = Deadline::max();
    const NoticesTo notices{connection_.get(), receiver};
    PQsetSingleRowMode(connection_.get());
    if (auto sent = co_await flush(never); !sent) co_return sent.error();
    RowReader rows{receiver};
    for (;;) {
        if (auto arrived = co_await await_result(never); !arrived) co_return arrived.error();
        const ResultPointer result{PQgetResult(connection_.get()), PQclear};
        if (!result) break;
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) rows.take(result.get());
        if (status == PGRES_SINGLE_TUPLE) continue;
        rows.end();
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
            receiver.completed(PQcmdStatus(result.get()));
        } else if (status == PGRES_COPY_IN) {
            if (auto refused = co_await refuse_copy(); !refused) co_return refused.error();
        } else if (status == PGRES_COPY_OUT) {
            if (auto taken = co_await take_copy(receiver); !taken) co_return taken.error();
        } else if (const ScriptError error = error_of(result.get()); !error.sqlstate.empty()) {
            receiver.failed(error);
        }  // else libpq's own, of a connection that is lost
    }
    if (PQstatus(connection_.get()) == CONNECTION_BAD) co_return failure();
    co_return Result<void>{};
}

// The statement fails at PostgreSQL, by our words.
asio::awaitable<Result<void>> Connection::refuse_copy() {
    constexpr Deadline never = Deadline::max();
    for (;;) {
        const int put = PQputCopyEnd(connection_.get(), copy_refused);
        if (put < 0) co_return failure();
        if (put == 1) break;
        if (auto ready = co_await wait_for_socket(false, never); !ready) co_return ready.error();
    }
    co_return co_await flush(never);
}

asio::awaitable<Result<void>> Connection::take_copy(ScriptReceiver& receiver) {
    for (;;) {
        char* data = nullptr;
        const int size = PQgetCopyData(connection_.get(), &data, 1);
        const std::unique_ptr<char, void (*)(void*)> owned{data, PQfreemem};
        if (size > 0) {
            receiver.copied({data, static_cast<std::size_t>(size)});
        } else if (size < 0) {
            co_return Result<void>{};  // the next result says how it ended
        } else {
            if (auto ready = co_await wait_for_socket(true, Deadline::max()); !ready) co_return ready.error();
            if (PQconsumeInput(connection_.get()) != 1) co_return failure();
        }
    }
}

}  // namespace curfew::pq
