// What is asked over the administrative connection, and by how many at once.
#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "pq/sqlstate.hpp"
#include "proxy/admin_connection.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_batch = 1000;

}  // namespace

// An answer that somebody waits for.
template <class T>
struct AdminConnection::Awaited {
    explicit Awaited(const asio::any_io_executor& control) : answered{control, never} {}

    void settle(Result<T> result) {
        answer = std::move(result);
        answered.cancel();
    }

    std::optional<Result<T>> answer;
    asio::steady_timer answered;  // cancelled then
};

struct AdminConnection::Request : Awaited<BackendFinding> {
    Request(const asio::any_io_executor& control, BackendQuery query_)
        : Awaited<BackendFinding>{control}, query{std::move(query_)} {}

    BackendQuery query;
};

struct AdminConnection::Listing : Awaited<SharedRows> {
    using Awaited<SharedRows>::Awaited;
};

struct AdminConnection::LookOut : Awaited<SharedRows> {
    LookOut(const asio::any_io_executor& control, std::string sql_, std::vector<std::string> parameters_,
            std::string what_)
        : Awaited<SharedRows>{control},
          sql{std::move(sql_)},
          parameters{std::move(parameters_)},
          what{std::move(what_)} {}

    std::string sql;
    std::vector<std::string> parameters;
    std::string what;
};

asio::awaitable<Result<BackendFinding>> AdminConnection::ask(BackendQuestion question, BackendQuery query) {
    if (!up() || stopping_) {
        want();
        co_return no_connection();
    }
    const auto request = std::make_shared<Request>(control_, std::move(query));
    waiting_[static_cast<std::size_t>(question)].push_back(request);
    if (idle_) connection_->interrupt();
    while (!request->answer)
        co_await wait(request->answered);
    co_return *request->answer;
}

asio::awaitable<Result<AdminConnection::SharedRows>> AdminConnection::list(Leftover kind) {
    if (!up() || stopping_) co_return no_connection();
    const auto listing = std::make_shared<Listing>(control_);
    listings_[static_cast<std::size_t>(kind)].push_back(listing);
    if (idle_) connection_->interrupt();
    while (!listing->answer)
        co_await wait(listing->answered);
    co_return *listing->answer;
}

asio::awaitable<Result<AdminConnection::SharedRows>> AdminConnection::look(
    std::string sql, std::vector<std::string> parameters, std::string what) {
    if (!up() || stopping_) co_return no_connection();
    const auto look =
        std::make_shared<LookOut>(control_, std::move(sql), std::move(parameters), std::move(what));
    looks_.push_back(look);
    if (idle_) connection_->interrupt();
    while (!look->answer)
        co_await wait(look->answered);
    co_return *look->answer;
}

Error AdminConnection::no_connection() const {
    return {ErrorCode::unavailable, "there is no administrative connection to resource '" + resource_.name +
                                        "' right now; the log's admin.* lines say why"};
}

// Answers requests until the connection is lost.
asio::awaitable<Error> AdminConnection::serve() {
    for (;;) {
        if (stopping_) co_return Error{ErrorCode::unavailable, "curfewd is stopping"};
        if (const auto question = next_question()) {
            std::optional<Error> failure = co_await answer_batch(*question);
            if (failure) co_return *failure;
            continue;
        }
        if (const auto kind = next_leftover()) {
            std::optional<Error> failure = co_await answer_listings(*kind);
            if (failure) co_return *failure;
            continue;
        }
        if (!looks_.empty()) {
            const auto look = looks_.front();
            looks_.pop_front();
            std::optional<Error> failure = co_await answer_look(look);
            if (failure) co_return *failure;
            continue;
        }
        idle_ = true;
        Result<void> undisturbed = co_await connection_->idle();
        idle_ = false;
        if (!undisturbed) co_return undisturbed.error();
    }
}

std::optional<BackendQuestion> AdminConnection::next_question() const {
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        if (!waiting_[i].empty()) return static_cast<BackendQuestion>(i);
    }
    return std::nullopt;
}

asio::awaitable<std::optional<Error>> AdminConnection::answer_batch(BackendQuestion question) {
    auto& waiting = waiting_[static_cast<std::size_t>(question)];
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(waiting.size(), largest_batch));
    std::vector<Group> groups{Group{waiting.begin(), end}};
    waiting.erase(waiting.begin(), end);
    co_return co_await answer(question, std::move(groups));
}

// Should one request fail the whole statement, its group is halved and asked again until that one stands
// alone. Asking to terminate twice is harmless.
asio::awaitable<std::optional<Error>> AdminConnection::answer(BackendQuestion question,
                                                              std::vector<Group> groups) {
    while (!groups.empty()) {
        const Group group = std::move(groups.back());
        groups.pop_back();
        std::vector<BackendQuery> queries;
        for (const auto& request : group)
            queries.push_back(request->query);
        std::string sql = batch_sql(question);
        std::vector<std::string> parameters = batch_parameters(queries);
        Result<pq::Answer> answer =
            co_await connection_->query(std::move(sql), std::move(parameters), query_timeout);
        if (!answer) {
            groups.push_back(group);
            for (const Group& unanswered : groups)
                fail(unanswered, answer.error());
            co_return answer.error();
        }
        if (answer->ok()) {
            settle(group, *answer);
        } else if (group.size() == 1) {
            group.front()->settle(refusal(question, *answer));
        } else {
            const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
            groups.emplace_back(group.begin(), middle);
            groups.emplace_back(middle, group.end());
        }
    }
    co_return std::nullopt;
}

void AdminConnection::settle(const Group& group, const pq::Answer& answer) {
    for (int row = 0; row < answer.rows(); ++row) {
        const std::string_view text = answer.value(row, 0);
        std::size_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        const auto finding = parse_finding(answer.value(row, 1), answer.value(row, 2));
        if (finding && number >= 1 && number <= group.size()) group[number - 1]->settle(*finding);
    }
    for (const auto& request : group) {
        if (!request->answer)
            request->settle(Error{ErrorCode::internal, "PostgreSQL's answer did not cover every backend"});
    }
}

std::optional<Leftover> AdminConnection::next_leftover() const {
    for (std::size_t i = 0; i < listings_.size(); ++i) {
        if (!listings_[i].empty()) return static_cast<Leftover>(i);
    }
    return std::nullopt;
}

// One statement for all who wait for it now: it names everything, whoever asks.
asio::awaitable<std::optional<Error>> AdminConnection::answer_listings(Leftover kind) {
    const Listings waiting = std::exchange(listings_[static_cast<std::size_t>(kind)], {});
    std::string sql{leftovers_sql(kind)};
    std::vector<std::string> none;
    Result<pq::Answer> answer = co_await connection_->query(std::move(sql), std::move(none), query_timeout);
    Result<SharedRows> rows =
        answer ? rows_of(*answer, "what outlives its sessions") : Result<SharedRows>{lost(answer.error())};
    for (const auto& listing : waiting)
        listing->settle(rows);
    if (!answer) co_return answer.error();
    co_return std::nullopt;
}

asio::awaitable<std::optional<Error>> AdminConnection::answer_look(std::shared_ptr<LookOut> look) {
    Result<pq::Answer> answer = co_await connection_->query(look->sql, look->parameters, query_timeout);
    look->settle(answer ? rows_of(*answer, look->what) : Result<SharedRows>{lost(answer.error())});
    if (!answer) co_return answer.error();
    co_return std::nullopt;
}

Result<AdminConnection::SharedRows> AdminConnection::rows_of(const pq::Answer& answer,
                                                             std::string_view what) const {
    if (!answer.ok()) return refused(what, answer);
    Rows rows(static_cast<std::size_t>(answer.rows()));
    for (int row = 0; row < answer.rows(); ++row) {
        for (int column = 0; column < answer.columns(); ++column)
            rows[static_cast<std::size_t>(row)].emplace_back(answer.value(row, column));
    }
    return std::make_shared<const Rows>(std::move(rows));
}

Error AdminConnection::lost(const Error& why) const {
    return {ErrorCode::unavailable,
            "the administrative connection to resource '" + resource_.name + "' was lost: " + why.message};
}

void AdminConnection::fail(const Group& group, const Error& why) const {
    for (const auto& request : group)
        request->settle(lost(why));
}

void AdminConnection::fail_all(const Error& why) {
    for (auto& waiting : waiting_) {
        fail(Group{waiting.begin(), waiting.end()}, why);
        waiting.clear();
    }
    for (auto& waiting : listings_) {
        for (const auto& listing : std::exchange(waiting, {}))
            listing->settle(lost(why));
    }
    for (const auto& look : std::exchange(looks_, {}))
        look->settle(lost(why));
}

// What a statement about one backend that PostgreSQL refused means.
Result<BackendFinding> AdminConnection::refusal(BackendQuestion question, const pq::Answer& answer) const {
    const bool privilege = answer.sqlstate() == pq::insufficient_privilege;
    if (privilege && question == BackendQuestion::terminate) return BackendFinding{Verdict::refused, {}};
    return refused("its backends", answer);
}

Error AdminConnection::refused(std::string_view what, const pq::Answer& answer) const {
    const bool privilege = answer.sqlstate() == pq::insufficient_privilege;
    return {privilege ? ErrorCode::forbidden : ErrorCode::unavailable,
            "PostgreSQL of resource '" + resource_.name + "' refused to look at " + std::string{what} +
                " for role '" + printable(resource_.admin_login->user) + "': " + answer.error()};
}

}  // namespace curfew::proxy
