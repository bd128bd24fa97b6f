#include "pq/connection.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>
#include <deque>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"

namespace curfew::pq {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_error = 400;
// Attempts to reach a server that go on at the same time: enough for a way of two seconds there and back.
constexpr std::size_t most_knocks = 8;

// libpq's and PostgreSQL's messages as one line.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text.substr(0, longest_error))
        line += c == '\n' || c == '\t' ? ' ' : c;
    line.erase(line.find_last_not_of(' ') + 1);
    return printable(line, longest_error);
}

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string{} : std::string{text};
}

// By default libpq writes notices to standard error, between the lines of the log.
void log_notice(void*, const PGresult* notice) {
    log::debug("postgresql.notice", {{"message", one_line(field(notice, PG_DIAG_MESSAGE_PRIMARY))}});
}

Error unavailable(std::string message) {
    return {ErrorCode::unavailable, std::move(message)};
}

PGconn* start(const Parameters& parameters, const std::optional<Secret>& password) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    std::string secret;
    if (password) {
        secret = password->reveal();  // libpq wants it with a terminating NUL
        keywords.push_back("password");
        values.push_back(secret.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    PGconn* connection = PQconnectStartParams(keywords.data(), values.data(), 1);
    OPENSSL_cleanse(secret.data(), secret.size());
    return connection;
}

}  // namespace

bool Answer::ok() const noexcept {
    return PQresultStatus(result_.get()) == PGRES_TUPLES_OK;
}

bool Answer::refused() const noexcept {
    const ExecStatusType status = PQresultStatus(result_.get());
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

bool Answer::is_bytes(int column) const noexcept {
    constexpr Oid bytea = 17;  // pg_type.dat
    return PQftype(result_.get(), column) == bytea;
}

int Answer::changed() const noexcept {
    const std::string_view count = PQcmdTuples(result_.get());
    int rows = 0;
    std::from_chars(count.data(), count.data() + count.size(), rows);
    return rows;
}

std::string_view Answer::value(int row, int column) const noexcept {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::string Answer::sqlstate() const {
    return field(result_.get(), PG_DIAG_SQLSTATE);
}

std::string Answer::error() const {
    return one_line(field(result_.get(), PG_DIAG_MESSAGE_PRIMARY));
}

std::string Answer::detail() const {
    return one_line(field(result_.get(), PG_DIAG_MESSAGE_DETAIL));
}

namespace {

bool is_sqlstate(std::string_view text) {
    constexpr std::size_t length = 5;
    return text.size() == length && std::all_of(text.begin(), text.end(), [](char letter) {
               return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z');
           });
}

// Takes it out of `FATAL:  28P01: password authentication failed …`; empty where there is none.
std::string take_sqlstate_of_line(std::string& line) {
    constexpr std::string_view before{":  "};
    constexpr std::string_view after{": "};
    const std::size_t at = line.find(before);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + before.size();
    const std::size_t end = line.find(after, begin);
    if (end == std::string::npos) return {};
    std::string sqlstate = line.substr(begin, end - begin);
    if (!is_sqlstate(sqlstate)) return {};
    line.erase(begin, end + after.size() - begin);
    return sqlstate;
}

}  // namespace

// One line with a code, and one `LOCATION:  auth_failed, auth.c:335`, for every attempt that the server
// refused. No regular expression: those of the library recurse with the length of what a server may say.
std::string take_sqlstate(std::string& message) {
    std::string sqlstate;
    std::string rest;
    std::istringstream lines{std::move(message)};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("LOCATION:")) continue;
        const std::string code = take_sqlstate_of_line(line);
        if (sqlstate.empty()) sqlstate = code;
        rest += (rest.empty() ? "" : "\n") + line;
    }
    message = std::move(rest);
    return sqlstate;
}

// What is waited on. Shared with the timer's handler, which may run after its connection is gone.
struct Connection::Link {
    explicit Link(const asio::any_io_executor& executor) : socket{executor}, timer{executor} {}

    asio::posix::stream_descriptor socket;  // a duplicate: libpq closes its own
    asio::steady_timer timer;
};

Connection::Connection(asio::any_io_executor executor)
    : executor_{std::move(executor)},
      connection_{nullptr, PQfinish},
      link_{std::make_shared<Link>(executor_)} {}

Connection::~Connection() {
    abort();
    boost::system::error_code ignored;  // a descriptor that does not close is gone all the same
    link_->socket.close(ignored);
}

asio::awaitable<Result<void>> Connection::connect(Parameters parameters, std::optional<Secret> password,
                                                  Duration at_most) {
    const Deadline deadline = std::chrono::steady_clock::now() + at_most;
    auto reaching = reach(parameters, password, deadline);
    if (auto reached = co_await std::move(reaching); !reached) co_return reached.error();
    PQsetNoticeReceiver(connection_.get(), log_notice, nullptr);

    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED) co_return connect_failure();
        const bool reading = next == PGRES_POLLING_READING;
        if (auto ready = co_await connect_step(reading, deadline); !ready) co_return ready.error();
        next = PQconnectPoll(connection_.get());
    }
    PQsetErrorVerbosity(connection_.get(), PQERRORS_DEFAULT);
    if (PQsetnonblocking(connection_.get(), 1) != 0) co_return failure();
    co_return watch_socket();
}

// Sockets that wait for a first answer. Shared with the handlers, which may run after all else is over.
struct Connection::Knocks {
    explicit Knocks(const asio::any_io_executor& executor) : timer{executor} {}

    Result<void> watch(PGconn* connection) {
        const int duplicate = ::fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0);
        if (duplicate < 0) return unavailable("dup: " + std::generic_category().message(errno));
        sockets.emplace_back(timer.get_executor(), duplicate);
        return {};
    }

    std::deque<asio::posix::stream_descriptor> sockets;
    asio::steady_timer timer;
    std::size_t begun = 0;
    std::optional<std::size_t> answered;  // the number of the first
};

// Until there is a connection that its server's machine has answered, or refused.
asio::awaitable<Result<void>> Connection::reach(const Parameters& parameters,
                                                const std::optional<Secret>& password, Deadline deadline) {
    const auto knocks = std::make_shared<Knocks>(executor_);
    std::deque<std::unique_ptr<PGconn, void (*)(PGconn*)>> connections;
    while (!knocks->answered) {
        if (aborted_) co_return unavailable("the connection was given up");
        if (std::chrono::steady_clock::now() >= deadline) co_return unavailable("no answer in time");
        connections.emplace_back(start(parameters, password), PQfinish);
        PGconn* newest = connections.back().get();
        if (newest == nullptr) co_return unavailable("libpq has no memory for a connection");
        PQsetErrorVerbosity(newest, PQERRORS_VERBOSE);  // there is no other way to SQLSTATE here
        if (PQstatus(newest) != CONNECTION_STARTED) {   // failed, or there already
            connection_ = std::move(connections.back());
            if (PQstatus(newest) == CONNECTION_BAD) co_return connect_failure();
            co_return Result<void>{};
        }
        if (auto watched = knocks->watch(newest); !watched) co_return watched.error();
        knocks->sockets.back().async_wait(
            asio::posix::stream_descriptor::wait_write,
            [knocks, number = knocks->begun++](const boost::system::error_code& error) {
                if (error || knocks->answered) return;
                knocks->answered = number;
                knocks->timer.cancel();
            });
        if (connections.size() > most_knocks) {
            connections.pop_front();
            knocks->sockets.pop_front();
        }
        knocks->timer.expires_at(std::min(deadline, std::chrono::steady_clock::now() + knock_again));
        co_await knocks->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    const std::size_t oldest = knocks->begun - connections.size();
    connection_ = std::move(connections[*knocks->answered - oldest]);
    knocks->sockets.clear();
    co_return Result<void>{};
}

// libpq may have changed to another socket of the same number, so it is looked up anew for each step.
asio::awaitable<Result<void>> Connection::connect_step(bool reading, Deadline deadline) {
    if (auto watched = watch_socket(); !watched) co_return watched.error();
    co_return co_await wait_for_socket(reading, deadline);
}

asio::awaitable<Result<Answer>> Connection::query(std::string sql, std::vector<std::string> parameters,
                                                  Duration at_most) {
    const Deadline deadline = std::chrono::steady_clock::now() + at_most;
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const std::string& parameter : parameters)
        values.push_back(parameter.c_str());
    if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                          values.data(), nullptr, nullptr, 0) != 1)
        co_return failure();
    if (auto sent = co_await flush(deadline); !sent) co_return sent.error();

    Answer answer;
    for (;;) {
        if (auto arrived = co_await await_result(deadline); !arrived) co_return arrived.error();
        PGresult* result = PQgetResult(connection_.get());
        if (result == nullptr) break;
        answer = Answer{result};
    }
    // The server's last words (shutdown, pg_terminate_backend) come as the statement's result.
    if (PQstatus(connection_.get()) == CONNECTION_BAD) co_return failure();
    co_return answer;
}

asio::awaitable<Result<Answer>> Connection::pipeline(std::vector<Step> steps, Duration at_most) {
    const Deadline deadline = std::chrono::steady_clock::now() + at_most;
    if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection_.get()) != 1)
        co_return failure();
    for (const Step& step : steps) {
        if (auto sent = send(step); !sent) co_return sent.error();
    }
    if (PQpipelineSync(connection_.get()) != 1) co_return failure();
    if (auto sent = co_await flush(deadline); !sent) co_return sent.error();
    co_return co_await pipeline_answer(deadline);
}

Result<void> Connection::send(const Step& step) {
    if (!step.sql.empty() &&
        PQsendPrepare(connection_.get(), step.name.c_str(), step.sql.c_str(), 0, nullptr) != 1)
        return failure();
    std::vector<const char*> values;
    values.reserve(step.parameters.size());
    for (const auto& parameter : step.parameters)
        values.push_back(parameter ? parameter->c_str() : nullptr);
    if (PQsendQueryPrepared(connection_.get(), step.name.c_str(), static_cast<int>(values.size()),
                            values.data(), nullptr, nullptr, 0) != 1)
        return failure();
    return {};
}

// Up to the end of the pipeline, which comes whatever became of its statements.
asio::awaitable<Result<Answer>> Connection::pipeline_answer(Deadline deadline) {
    Answer last;
    bool refused = false;
    for (;;) {
        if (auto arrived = co_await await_result(deadline); !arrived) co_return arrived.error();
        PGresult* result = PQgetResult(connection_.get());
        if (PQstatus(connection_.get()) == CONNECTION_BAD) {
            PQclear(result);
            co_return failure();
        }
        if (result == nullptr) continue;  // the end of one statement's answer
        const ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_PIPELINE_SYNC || status == PGRES_PIPELINE_ABORTED || refused) {
            PQclear(result);
            if (status == PGRES_PIPELINE_SYNC) co_return last;
            continue;
        }
        last = Answer{result};
        refused = last.refused();
    }
}

bool Connection::has_notification() {
    if (!notification_) {
        const std::unique_ptr<PGnotify, void (*)(void*)> next{PQnotifies(connection_.get()), PQfreemem};
        if (next) notification_ = next->extra;
    }
    return notification_.has_value();
}

std::optional<std::string> Connection::next_notification() {
    static_cast<void>(has_notification());
    return std::exchange(notification_, std::nullopt);
}

// One direction at a time suffices: the server reads a whole statement before it answers.
asio::awaitable<Result<void>> Connection::flush(Deadline deadline) {
    for (;;) {
        const int left = PQflush(connection_.get());
        if (left < 0) co_return failure();
        if (left == 0) co_return Result<void>{};
        if (auto ready = co_await wait_for_socket(false, deadline); !ready) co_return ready.error();
    }
}

asio::awaitable<Result<void>> Connection::await_result(Deadline deadline) {
    while (PQisBusy(connection_.get()) == 1) {
        if (auto ready = co_await wait_for_socket(true, deadline); !ready) co_return ready.error();
        if (PQconsumeInput(connection_.get()) != 1) co_return failure();
    }
    co_return Result<void>{};
}

// Ready means ready: a wait that was cut short by an old timer or an interruption is taken up again, for
// PQconnectPoll takes being called as the news that its socket is ready.
asio::awaitable<Result<void>> Connection::wait_for_socket(bool reading, Deadline deadline) {
    const auto link = link_;
    const auto direction =
        reading ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write;
    for (;;) {
        if (aborted_) co_return unavailable("the connection was given up");
        if (std::chrono::steady_clock::now() >= deadline) co_return unavailable("no answer in time");
        link->timer.expires_at(deadline);
        link->timer.async_wait([link](const boost::system::error_code& error) {
            if (!error) link->socket.cancel();
        });
        const auto [error] = co_await link->socket.async_wait(direction, asio::as_tuple(asio::use_awaitable));
        link->timer.cancel();
        if (!error) co_return Result<void>{};
        if (error != asio::error::operation_aborted) co_return unavailable(error.message());
    }
}

asio::awaitable<Result<void>> Connection::idle() {
    const auto link = link_;
    interrupted_ = false;
    if (has_notification()) co_return Result<void>{};
    while (!interrupted_) {
        if (aborted_) co_return unavailable("the connection was given up");
        const auto [error] = co_await link->socket.async_wait(asio::posix::stream_descriptor::wait_read,
                                                              asio::as_tuple(asio::use_awaitable));
        if (error == asio::error::operation_aborted) continue;
        if (error) co_return unavailable(error.message());
        if (PQconsumeInput(connection_.get()) != 1) co_return failure();
        // Parses what came (notices, changed settings), so that it is not kept until the next statement.
        static_cast<void>(PQisBusy(connection_.get()));
        if (PQstatus(connection_.get()) == CONNECTION_BAD) co_return failure();
        if (has_notification()) co_return Result<void>{};
    }
    co_return Result<void>{};
}

void Connection::interrupt() noexcept {
    interrupted_ = true;
    boost::system::error_code ignored;  // nothing to cancel: nothing waits
    link_->socket.cancel(ignored);
}

void Connection::abort() noexcept {
    aborted_ = true;
    interrupt();
}

Result<void> Connection::watch_socket() {
    boost::system::error_code ignored;  // as above
    link_->socket.close(ignored);
    const int duplicate = ::fcntl(PQsocket(connection_.get()), F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0) return unavailable("dup: " + std::generic_category().message(errno));
    boost::system::error_code error;
    link_->socket.assign(duplicate, error);
    if (!error) return {};
    ::close(duplicate);
    return unavailable("epoll: " + error.message());
}

Error Connection::failure() const {
    return unavailable(one_line(PQerrorMessage(connection_.get())));
}

Error Connection::connect_failure() {
    std::string text = PQerrorMessage(connection_.get());
    refused_with_ = take_sqlstate(text);
    constexpr const char* invalid_password = "28P01";
    // What the server wanted, and libpq had none to give.
    if (PQconnectionNeedsPassword(connection_.get()) == 1) refused_with_ = invalid_password;
    return unavailable(one_line(text));
}

int Connection::server_version() const noexcept {
    return PQserverVersion(connection_.get());
}

}  // namespace curfew::pq
