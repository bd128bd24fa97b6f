#include "proxy/role_work.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "pq/connection.hpp"
#include "pq/sqlstate.hpp"
#include "proxy/address_lookup.hpp"
#include "proxy/pq_parameters.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration query_timeout = 30s;  // longer than the server's own, in empty_role_sql
// Sessions that came through Curfew are ended by themselves, politely, at the same time. Whoever is there
// after this came another way, or hangs.
constexpr Duration leave_by_themselves = 250ms;
constexpr Duration leave_at_all = 5s;
constexpr Duration look_again = 25ms;

// Two nodes at the same role: duplicate_object, unique_violation, undefined_object, deadlock_detected, and
// internal_error, by which PostgreSQL means `tuple concurrently updated`.
constexpr std::array<std::string_view, 5> met_another{"42710", "23505", "42704", "40P01", "XX000"};
constexpr int tries = 4;
constexpr Duration after_meeting = 100ms;

std::string text_of_address(const Stream::Endpoint& endpoint) {
    asio::ip::tcp::endpoint address;
    if (endpoint.size() > address.capacity()) return {};
    std::memcpy(address.data(), endpoint.data(), endpoint.size());
    address.resize(endpoint.size());
    return address.address().to_string();
}

Error stopping() {
    return {ErrorCode::unavailable, "curfewd is stopping"};
}

}  // namespace

// One connection, from its opening to its end.
class RoleWork::Visit {
public:
    Visit(RoleWork& work, Duration connect_timeout) : work_{work}, connect_timeout_{connect_timeout} {
        work_.under_way_.insert(this);
    }
    ~Visit() { work_.under_way_.erase(this); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    Awaitable<Result<void>> open(const config::Resource& resource, std::string database) {
        where_ = "database '" + printable(database) + "' of resource '" + resource.name + "'";
        const auto deadline = std::chrono::steady_clock::now() + connect_timeout_;
        std::vector<std::string> addresses{std::string{}};
        if (!resource.upstream.is_unix()) {
            auto found = co_await look_up(work_.executor_, resource.upstream, deadline);
            if (!found) co_return found.error();
            addresses.clear();
            for (const auto& endpoint : *found)
                addresses.push_back(text_of_address(endpoint));
        }
        Result<void> opened = stopping();
        for (const std::string& address : addresses) {
            if (work_.aborted_) co_return stopping();
            connection_ = std::make_unique<pq::Connection>(work_.executor_);
            pq::Parameters parameters = admin_parameters(resource, address, database);
            opened = co_await connection_->connect(std::move(parameters), resource.admin_login->password,
                                                   connect_timeout_);
            if (opened) break;
        }
        if (!opened) co_return Error{ErrorCode::unavailable, where_ + ": " + opened.error().message};
        co_return opened;
    }

    // `what` is for people: what PostgreSQL may refuse.
    Awaitable<Result<pq::Answer>> ask(std::string what, std::string sql,
                                      std::vector<std::string> parameters) {
        sqlstate_.clear();
        Result<pq::Answer> answer =
            co_await connection_->query(std::move(sql), std::move(parameters), query_timeout);
        if (!answer) co_return Error{ErrorCode::unavailable, where_ + ": " + answer.error().message};
        if (!answer->refused()) co_return answer;
        sqlstate_ = answer->sqlstate();
        const std::string detail = answer->detail();
        co_return Error{sqlstate_ == pq::insufficient_privilege ? ErrorCode::forbidden : ErrorCode::conflict,
                        "PostgreSQL refused to " + what + ", in " + where_ + ": " + answer->error() +
                            (detail.empty() ? "" : " (" + detail + ")")};
    }

    // One after the other; the transaction is undone if one is refused.
    Awaitable<Result<void>> transaction(std::string what, std::vector<std::string> statements) {
        statements.insert(statements.begin(), "BEGIN");
        statements.emplace_back("COMMIT");
        for (std::string& statement : statements) {
            std::vector<std::string> none;
            const Result<pq::Answer> answer = co_await ask(what, std::move(statement), std::move(none));
            if (answer) continue;
            const std::string refused_with = sqlstate_;
            if (!refused_with.empty()) {
                std::string undo = "ROLLBACK";
                std::vector<std::string> nothing;
                (void)co_await ask(what, std::move(undo), std::move(nothing));  // the first error counts
            }
            sqlstate_ = refused_with;
            co_return answer.error();
        }
        co_return Result<void>{};
    }

    bool met_another_node() const {
        return std::find(met_another.begin(), met_another.end(), sqlstate_) != met_another.end();
    }
    int server_version() const noexcept { return connection_->server_version(); }
    Duration connect_timeout() const noexcept { return connect_timeout_; }
    void abort() noexcept {
        if (connection_) connection_->abort();
    }

private:
    RoleWork& work_;
    Duration connect_timeout_;
    std::string where_;
    std::unique_ptr<pq::Connection> connection_;
    std::string sqlstate_;  // of the last refusal; empty if there was none
};

void RoleWork::abort() noexcept {
    aborted_ = true;
    for (Visit* visit : under_way_)
        visit->abort();
}

asio::awaitable<void> RoleWork::pause(Duration duration) {
    asio::steady_timer timer{executor_, duration};
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<Result<std::string>> RoleWork::find(Visit& visit, const EphemeralRole& role) {
    const std::string name = role_name(role);
    std::string sql{find_role_sql()};
    std::vector<std::string> parameters{name};
    const Result<pq::Answer> answer =
        co_await visit.ask("look for role '" + printable(name) + "'", std::move(sql), std::move(parameters));
    if (!answer) co_return answer.error();
    if (answer->rows() == 0) co_return std::string{};
    if (parse_role_comment(answer->value(0, 1), installation_) != role) {
        co_return Error{ErrorCode::invalid,
                        "role '" + printable(name) + "' of resource '" + role.resource +
                            "' is not known to be Curfew's: its comment is not the one that Curfew gave it. "
                            "It is left alone; drop or rename it by hand"};
    }
    co_return std::string{answer->value(0, 0)};
}

// Asked last: what is left is counted from the moment at which PostgreSQL looks at its clock.
asio::awaitable<Result<std::string>> RoleWork::end_by_their_clock(Visit& visit, BootInstant ends) {
    const auto left = std::chrono::duration<double, std::milli>{ends - clock_.boot_now()};
    std::string sql{end_by_their_clock_sql()};
    std::vector<std::string> parameters{std::to_string(std::max(left.count(), 0.0))};
    const Result<pq::Answer> answer =
        co_await visit.ask("tell the time", std::move(sql), std::move(parameters));
    if (!answer) co_return answer.error();
    if (answer->rows() != 1) co_return Error{ErrorCode::internal, "PostgreSQL did not tell the time"};
    co_return std::string{answer->value(0, 0)};
}

asio::awaitable<Result<void>> RoleWork::make(config::Resource resource, EphemeralRole role, Secret verifier,
                                             BootInstant ends, Duration connect_timeout) {
    Visit visit{*this, connect_timeout};
    Result<void> made = co_await visit.open(resource, resource.admin_login->database);
    if (!made) co_return made;
    for (int i = 0; i < tries; ++i) {
        made = co_await make_once(visit, resource, role, verifier, ends);
        if (made || !visit.met_another_node()) break;
        co_await pause(after_meeting);
    }
    co_return made;
}

asio::awaitable<Result<void>> RoleWork::make_once(Visit& visit, const config::Resource& resource,
                                                  const EphemeralRole& role, const Secret& verifier,
                                                  BootInstant ends) {
    const Result<std::string> oid = co_await find(visit, role);
    if (!oid) co_return oid.error();
    const Result<std::string> until = co_await end_by_their_clock(visit, ends);
    if (!until) co_return until.error();
    const std::string name = role_name(role);
    const std::vector<std::string>& member_of = resource.ephemeral->member_of;
    const std::string_view kept = verifier.reveal();  // goes to PostgreSQL, which keeps just that
    std::vector<std::string> statements = oid->empty()
                                              ? create_role_sql(role, installation_, kept, *until, member_of)
                                              : renew_role_sql(name, kept, *until, member_of);
    co_return co_await visit.transaction("make role '" + printable(name) + "'", std::move(statements));
}

asio::awaitable<Result<void>> RoleWork::move_end(config::Resource resource, EphemeralRole role,
                                                 BootInstant ends, Duration connect_timeout) {
    Visit visit{*this, connect_timeout};
    const Result<void> opened = co_await visit.open(resource, resource.admin_login->database);
    if (!opened) co_return opened;
    const std::string name = role_name(role);
    Result<void> moved;
    for (int i = 0; i < tries; ++i) {
        const Result<std::string> oid = co_await find(visit, role);
        if (!oid) co_return oid.error();
        if (oid->empty())
            co_return Error{ErrorCode::not_found, "there is no role '" + printable(name) + "' any more"};
        const Result<std::string> until = co_await end_by_their_clock(visit, ends);
        if (!until) co_return until.error();
        std::vector<std::string> statements{move_end_sql(name, *until)};
        moved = co_await visit.transaction("extend role '" + printable(name) + "'", std::move(statements));
        if (moved || !visit.met_another_node()) break;
        co_await pause(after_meeting);
    }
    co_return moved;
}

asio::awaitable<Result<void>> RoleWork::drop(config::Resource resource, EphemeralRole role,
                                             Duration connect_timeout) {
    Visit visit{*this, connect_timeout};
    Result<void> dropped = co_await visit.open(resource, resource.admin_login->database);
    if (!dropped) co_return dropped;
    for (int i = 0; i < tries; ++i) {
        dropped = co_await drop_once(visit, resource, role);
        if (dropped || !visit.met_another_node()) break;
        co_await pause(after_meeting);
    }
    co_return dropped;
}

asio::awaitable<Result<void>> RoleWork::drop_once(Visit& visit, const config::Resource& resource,
                                                  const EphemeralRole& role) {
    const Result<std::string> oid = co_await find(visit, role);
    if (!oid) co_return oid.error();
    if (oid->empty()) co_return Result<void>{};
    const std::string name = role_name(role);
    const std::string what = "drop role '" + printable(name) + "'";

    std::vector<std::string> close{close_role_sql(name)};
    Result<void> done = co_await visit.transaction(what, std::move(close));
    if (done) done = co_await end_backends(visit, *oid);
    if (!done) co_return done;
    std::vector<std::string> join{join_role_sql(name, visit.server_version())};
    done = co_await visit.transaction(what, std::move(join));
    if (!done) co_return done;

    std::string sql{databases_of_role_sql()};
    std::vector<std::string> parameters{*oid};
    const Result<pq::Answer> databases = co_await visit.ask(what, std::move(sql), std::move(parameters));
    if (!databases) co_return databases.error();
    for (int row = 0; row < databases->rows(); ++row) {
        std::string database{databases->value(row, 0)};
        if (database == resource.admin_login->database) continue;
        done = co_await empty_elsewhere(resource, std::move(database), name, visit.connect_timeout());
        if (!done) co_return done;
    }
    std::vector<std::string> last = empty_role_sql(name, resource.ephemeral->owner);
    last.push_back(drop_role_sql(name));
    co_return co_await visit.transaction(what, std::move(last));
}

asio::awaitable<Result<void>> RoleWork::empty_elsewhere(const config::Resource& resource,
                                                        std::string database, std::string name,
                                                        Duration connect_timeout) {
    Visit visit{*this, connect_timeout};
    const Result<void> opened = co_await visit.open(resource, std::move(database));
    if (!opened) co_return opened;
    std::vector<std::string> statements = empty_role_sql(name, resource.ephemeral->owner);
    co_return co_await visit.transaction("give away what role '" + printable(name) + "' owns",
                                         std::move(statements));
}

asio::awaitable<Result<void>> RoleWork::end_backends(Visit& visit, std::string oid) {
    const auto begun = std::chrono::steady_clock::now();
    for (;;) {
        std::string sql{count_backends_sql()};
        std::vector<std::string> parameters{oid};
        const Result<pq::Answer> left =
            co_await visit.ask("count its backends", std::move(sql), std::move(parameters));
        if (!left) co_return left.error();
        if (left->rows() == 1 && left->value(0, 0) == "0") co_return Result<void>{};
        const Duration waited = std::chrono::steady_clock::now() - begun;
        if (waited > leave_at_all)
            co_return Error{ErrorCode::conflict, "backends of the role still run, though they were ended"};
        if (waited > leave_by_themselves) {
            std::string end{end_backends_sql()};
            std::vector<std::string> same{oid};
            const Result<pq::Answer> ended =
                co_await visit.ask("end its backends", std::move(end), std::move(same));
            if (!ended) co_return ended.error();
        }
        co_await pause(look_again);
    }
}

asio::awaitable<Result<std::vector<RoleWork::Found>>> RoleWork::list(config::Resource resource,
                                                                     Duration connect_timeout) {
    Visit visit{*this, connect_timeout};
    const Result<void> opened = co_await visit.open(resource, resource.admin_login->database);
    if (!opened) co_return opened.error();
    std::string sql{list_roles_sql()};
    std::vector<std::string> none;
    const Result<pq::Answer> answer = co_await visit.ask("list its roles", std::move(sql), std::move(none));
    if (!answer) co_return answer.error();
    std::vector<Found> found;
    for (int row = 0; row < answer->rows(); ++row) {
        auto role = parse_role_comment(answer->value(row, 1), installation_);
        // A name that somebody changed by hand is theirs to see to.
        if (!role || role_name(*role) != answer->value(row, 0)) continue;
        found.push_back({std::move(*role), answer->value(row, 2) == "t"});
    }
    co_return found;
}

}  // namespace curfew::proxy
