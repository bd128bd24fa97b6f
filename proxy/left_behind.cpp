#include "proxy/left_behind.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "proxy/server_questions.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Transaction = BackendAdmin::PreparedTransaction;

namespace {

// Between tries to roll back what another session holds at that moment.
constexpr std::array<std::chrono::milliseconds, 3> pauses{50ms, 250ms, 1000ms};
// No rollback begins later than this after the first: the end of curfewd waits for those of its sessions.
constexpr auto begun_within = 5s;

using Deadline = std::chrono::steady_clock::time_point;
bool is_past(Deadline deadline) {
    return std::chrono::steady_clock::now() >= deadline;
}

void report(const BackendAdmin& admin, const EndedSession& session, std::string_view what,
            std::string_view name) {
    admin.metrics().left_behind(what);
    log::warning("session.left_behind", {{"session", session.id.text()},
                                         {"user", session.user},
                                         {"resource", admin.resource().name},
                                         {what, name}});
}

Awaitable<Result<void>> roll_back(BackendAdmin& admin, const Transaction& transaction, Deadline deadline) {
    if (is_past(deadline)) {
        co_return Error{ErrorCode::unavailable,
                        "there was no time left for it after others; roll it back by hand"};
    }
    asio::steady_timer timer{co_await asio::this_coro::executor};
    Result<void> done = co_await admin.roll_back(transaction);
    for (const auto pause : pauses) {
        if (done || done.error().code != ErrorCode::unavailable || is_past(deadline)) break;
        timer.expires_after(pause);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        done = co_await admin.roll_back(transaction);
    }
    co_return done;
}

Awaitable<void> roll_back_one(BackendAdmin& admin, const EndedSession& session, Transaction transaction,
                              Deadline deadline) {
    const Result<void> done = co_await roll_back(admin, transaction, deadline);
    // Somebody else was quicker.
    if (!done && done.error().code == ErrorCode::not_found) co_return;
    if (done) {
        log::info("session.rolled_back", {{"session", session.id.text()},
                                          {"user", session.user},
                                          {"resource", admin.resource().name},
                                          {"prepared_transaction", transaction.identifier}});
        co_return;
    }
    log::error("session.not_rolled_back", {{"session", session.id.text()},
                                           {"user", session.user},
                                           {"resource", admin.resource().name},
                                           {"prepared_transaction", transaction.identifier},
                                           {"error", done.error().message}});
}

Awaitable<void> roll_back_all(BackendAdmin& admin, const EndedSession& session) {
    ServerQuestion question =
        left_prepared_question(session.trace.role, session.trace.database, session.trace.started);
    auto asking =
        admin.look(std::move(question.sql), std::move(question.parameters), "its prepared transactions");
    const auto rows = co_await std::move(asking);
    if (!rows) {
        log::error("session.not_rolled_back", {{"session", session.id.text()},
                                               {"user", session.user},
                                               {"resource", admin.resource().name},
                                               {"error", rows.error().message}});
        co_return;
    }
    const Deadline deadline = std::chrono::steady_clock::now() + begun_within;
    for (const ServerRow& row : **rows) {
        Transaction transaction{row.at(0), session.trace.role, session.trace.database};
        if (row.at(1) == "t") {
            co_await roll_back_one(admin, session, std::move(transaction), deadline);
            continue;
        }
        log::warning("session.not_rolled_back",
                     {{"session", session.id.text()},
                      {"user", session.user},
                      {"resource", admin.resource().name},
                      {"prepared_transaction", transaction.identifier},
                      {"error", "a backend that is still there may have prepared it, as the same role"}});
    }
}

Awaitable<void> see_to_slots(BackendAdmin& admin, const EndedSession& session) {
    if (!session.slots_before) co_return;
    const auto slots = co_await admin.replication_slots();
    if (!slots) co_return;
    for (const std::string& slot : *slots) {
        const auto& before = *session.slots_before;
        if (std::find(before.begin(), before.end(), slot) == before.end())
            report(admin, session, "replication_slot", slot);
    }
}

}  // namespace

Awaitable<void> see_to_left_behind(BackendAdmin& admin, EndedSession session) {
    const auto left = co_await admin.left_behind(session.trace);
    if (left) {
        for (const std::string& name : left->prepared_transactions)
            report(admin, session, "prepared_transaction", name);
        const bool some = !left->prepared_transactions.empty();
        if (some && admin.resource().prepared_transactions == config::LeftTransactions::rollback)
            co_await roll_back_all(admin, session);
    }
    co_await see_to_slots(admin, session);
}

}  // namespace curfew::proxy
