#include "store/postgres/connection.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "pq/sqlstate.hpp"

namespace curfew::store {
namespace {

using namespace std::chrono_literals;

// After a failure, for as long no attempt is made anew.
constexpr auto pause_after_failure = 200ms;

// One transaction at a time writes: in the order of this lock come events, and with them whoever reads the
// feed. The number is `curfew` in ASCII.
constexpr std::string_view take_turn = "SELECT pg_advisory_xact_lock(109342142325111)";
constexpr std::string_view read_clock =
    "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint), clock_ms FROM installation";
constexpr std::string_view tell_watchers = "SELECT pg_notify('curfew_events', ?)";

std::int64_t to_integer(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// `$1`, `$2` … in place of each `?`.
std::string with_numbered_parameters(std::string_view sql) {
    std::string numbered;
    int number = 0;
    for (const char c : sql) {
        if (c == '?') {
            numbered += '$' + std::to_string(++number);
        } else {
            numbered += c;
        }
    }
    return numbered;
}

// Of bytea as PostgreSQL prints it: `\x00ff`.
std::string bytes_in(std::string_view value) {
    auto bytes = value.starts_with("\\x") ? from_hex(value.substr(2)) : std::nullopt;
    if (!bytes) throw PostgresFailure{"22P03", "bytea is not printed as hex (bytea_output)"};
    return std::move(*bytes);
}

// Of SQLSTATE: what the state of the server, or of the road to it, explains; the rest is our own fault.
bool is_away(std::string_view sqlstate) {
    const std::string_view group = sqlstate.substr(0, 2);
    return sqlstate.empty() || group == "08" || group == "53" || group == "57" || group == "58" ||
           group == "28" || group == "3D" || group == "40" || sqlstate == "25006" || sqlstate == "55P03" ||
           sqlstate == "25P03" || sqlstate == pq::insufficient_privilege;
}

// What a server goes on to answer until somebody has changed something: whom it lets in, and to what.
bool wants_mending(std::string_view sqlstate) {
    const std::string_view group = sqlstate.substr(0, 2);
    return group == "28" || group == "3D" || sqlstate == pq::insufficient_privilege;
}

std::string remedy(std::string_view sqlstate) {
    if (sqlstate == pq::insufficient_privilege)
        return "; give its role the rights that 'curfew admin store-sql' prints";
    if (sqlstate == "53100") return "; free some space";
    return {};
}

}  // namespace

class PostgresConnection::Prepared final : public Statement {
public:
    Prepared(PostgresConnection& connection, std::string_view sql) : connection_{connection}, sql_{sql} {}

    void bind(int index, std::int64_t value) override { set(index, std::to_string(value)); }
    void bind(int index, std::string_view text) override {
        // PostgreSQL's text holds no NUL, and libpq would cut it off there.
        if (text.find('\0') != std::string_view::npos) throw PostgresFailure{"22021", "text with a NUL"};
        set(index, std::string{text});
    }
    void bind_bytes(int index, std::string_view bytes) override { set(index, "\\x" + to_hex(bytes)); }
    void bind_null(int index) override { set(index, std::nullopt); }

    bool next() override {
        if (!answer_) {
            answer_.emplace(connection_.ask(sql_, std::exchange(parameters_, {})));
            row_ = -1;
        }
        return ++row_ < answer_->rows();
    }
    int run() override { return connection_.ask(sql_, std::exchange(parameters_, {})).changed(); }

    bool is_null(int column) const override { return answer_->is_null(row_, column); }
    std::string text(int column) const override {
        const std::string_view value = answer_->value(row_, column);
        return answer_->is_bytes(column) ? bytes_in(value) : std::string{value};
    }
    std::int64_t integer(int column) const override { return to_integer(answer_->value(row_, column)); }
    void reset() noexcept override {
        answer_.reset();
        parameters_.clear();
    }

private:
    void set(int index, std::optional<std::string> value) {
        const auto place = static_cast<std::size_t>(index);
        if (parameters_.size() < place) parameters_.resize(place);
        parameters_[place - 1] = std::move(value);
    }

    PostgresConnection& connection_;
    std::string_view sql_;
    std::vector<std::optional<std::string>> parameters_;
    std::optional<pq::Answer> answer_;
    int row_ = -1;
};

PostgresConnection::PostgresConnection(PostgresTarget target, const Clock& clock,
                                       std::shared_ptr<PostgresClock> store_clock)
    : target_{std::move(target)}, clock_{clock}, store_clock_{std::move(store_clock)} {}

PostgresConnection::~PostgresConnection() = default;

// Turns the loop until the task is done; each of them has its own time limit.
template <class T>
T PostgresConnection::await(boost::asio::awaitable<T> task) {
    std::optional<T> outcome;
    std::exception_ptr failure;
    boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T given) {
        failure = std::move(thrown);
        outcome.emplace(std::move(given));
    });
    loop_.restart();
    loop_.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*outcome);
}

void PostgresConnection::give_up() {
    waiting_.clear();
    names_.clear();
    connection_.reset();
    loop_.restart();
    loop_.poll();  // what the connection had posted
}

void PostgresConnection::fail_fast() const {
    if (std::chrono::steady_clock::now() < not_before_) throw PostgresFailure{"", problem_};
}

void PostgresConnection::connect_to(const PostgresServer& server) {
    auto connection = std::make_unique<pq::Connection>(loop_.get_executor());
    auto connecting = connection->connect(server.parameters, target_.password, target_.connect_timeout);
    const Result<void> connected = await(std::move(connecting));
    if (!connected)
        throw PostgresFailure{connection->refused_with(), server.name + ": " + connected.error().message};
    connection_ = std::move(connection);
}

void PostgresConnection::connect() {
    if (connection_) return;
    fail_fast();
    std::string problems;
    std::optional<PostgresFailure> refusal;  // such that no server is left to hope for
    bool hope = false;
    for (std::size_t i = 0; i < target_.servers.size(); ++i) {
        const std::size_t number = (first_server_ + i) % target_.servers.size();
        try {
            connect_to(target_.servers[number]);
            first_server_ = number;
            return;
        } catch (const PostgresFailure& failure) {
            problems += (problems.empty() ? "" : "; ") + std::string{failure.what()};
            hope |= !wants_mending(failure.sqlstate());
            refusal = failure;
        }
    }
    give_up();
    problem_ = std::move(problems);
    not_before_ = std::chrono::steady_clock::now() + pause_after_failure;
    throw PostgresFailure{hope || !refusal ? "" : refusal->sqlstate(), problem_};
}

pq::Step PostgresConnection::step(std::string_view sql, std::vector<std::optional<std::string>> parameters) {
    const auto known = names_.find(sql);
    if (known != names_.end()) return {known->second, {}, std::move(parameters)};
    const std::string name = "curfew_" + std::to_string(++last_name_);
    names_.emplace(sql, name);
    return {name, with_numbered_parameters(sql), std::move(parameters)};
}

pq::Answer PostgresConnection::ask(std::string_view sql, std::vector<std::optional<std::string>> parameters) {
    if (!connection_) throw PostgresFailure{"", "the connection was lost"};
    std::vector<pq::Step> steps = std::exchange(waiting_, {});
    steps.push_back(step(sql, std::move(parameters)));
    return send(std::move(steps));
}

pq::Answer PostgresConnection::ask_once(std::string sql, std::optional<Duration> within) {
    if (!connection_) throw PostgresFailure{"", "the connection was lost"};
    std::vector<pq::Step> steps = std::exchange(waiting_, {});
    steps.push_back({{}, std::move(sql), {}});
    return send(std::move(steps), within);
}

pq::Answer PostgresConnection::send(std::vector<pq::Step> steps, std::optional<Duration> within) {
    // What is prepared in a pipeline that is cut short by a refusal may not be there.
    std::vector<std::string> prepares;
    for (const pq::Step& step : steps) {
        if (!step.sql.empty()) prepares.push_back(step.name);
    }
    auto sending = connection_->pipeline(std::move(steps), within.value_or(target_.statement_timeout + 1s));
    Result<pq::Answer> answer = await(std::move(sending));
    if (!answer) {
        give_up();
        throw PostgresFailure{"", answer.error().message};
    }
    if (!answer->refused()) return std::move(*answer);
    std::erase_if(names_, [&prepares](const auto& entry) {
        return std::find(prepares.begin(), prepares.end(), entry.second) != prepares.end();
    });
    throw PostgresFailure{answer->sqlstate(), answer->error()};
}

void PostgresConnection::begin_alone() {
    connect();
    execute("BEGIN");
    (void)ask(take_turn, {});
}

// A connection that was lost unnoticed is no reason to fail: nothing was asked by it yet.
StoreTime PostgresConnection::begin(Access access) {
    const bool had_one = connection_ != nullptr;
    try {
        return begin_once(access);
    } catch (const PostgresFailure&) {
        if (!had_one || connection_) throw;
    }
    return begin_once(access);
}

StoreTime PostgresConnection::begin_once(Access access) {
    urgent_ = false;
    if (access == Access::write) {
        begin_alone();
    } else {
        connect();
        execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }
    // After the lock: waiting for that is not to count as the age of the reading.
    const BootInstant asked = clock_.boot_now();
    const pq::Answer answer = ask(read_clock, {});
    const BootInstant answered = clock_.boot_now();
    if (answer.rows() != 1) throw PostgresFailure{"", "the row of the installation is missing"};
    const std::chrono::microseconds shown{to_integer(answer.value(0, 0))};
    const std::chrono::milliseconds had_come_to{to_integer(answer.value(0, 1))};
    const Duration wall = std::max(Duration{shown}, Duration{had_come_to});
    return store_clock_->read(std::chrono::sys_time<Duration>{wall}, asked, answered);
}

void PostgresConnection::commit(std::optional<EventNumber> last_event) {
    if (last_event) {
        const std::string news = std::to_string(*last_event) + (urgent_ ? "" : " later");
        waiting_.push_back(step(tell_watchers, {news}));
    }
    // A transaction that came to an error is given up by COMMIT without another word.
    if (ask("COMMIT", {}).command() != "COMMIT") throw PostgresFailure{"25P02", "the transaction had failed"};
}

void PostgresConnection::roll_back() noexcept {
    waiting_.clear();
    if (!connection_ || connection_->transaction_status() == PQTRANS_IDLE) return;
    try {
        (void)ask("ROLLBACK", {});
    } catch (const std::exception&) {
        give_up();  // and with the connection the server gives up the transaction
    }
}

bool PostgresConnection::in_transaction() const {
    return connection_ && connection_->transaction_status() != PQTRANS_IDLE;
}

void PostgresConnection::execute(const char* sql) {
    waiting_.push_back(step(sql, {}));
}

Statement& PostgresConnection::prepared(std::string_view sql) {
    auto& statement = statements_[sql];
    if (!statement) statement = std::make_unique<Prepared>(*this, sql);
    return *statement;
}

std::string PostgresConnection::holdable(std::string_view bytes) const {
    return printable(bytes, bytes.size());
}

Error PostgresConnection::explain_at_start(const std::exception& failure) const {
    Error error = explain(failure);
    const auto* postgres = dynamic_cast<const PostgresFailure*>(&failure);
    if (postgres != nullptr && wants_mending(postgres->sqlstate())) error.code = ErrorCode::invalid;
    return error;
}

Error PostgresConnection::explain(const std::exception& failure) const {
    const auto* postgres = dynamic_cast<const PostgresFailure*>(&failure);
    if (postgres == nullptr) return {ErrorCode::internal, failure.what()};
    const std::string& sqlstate = postgres->sqlstate();
    return {is_away(sqlstate) ? ErrorCode::unavailable : ErrorCode::internal,
            "The store " + name() + " does not answer as it should: " + printable(failure.what(), 400) +
                (sqlstate.empty() ? "" : " (" + sqlstate + ")") + remedy(sqlstate)};
}

}  // namespace curfew::store
