#include "execution/previewer.hpp"

#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "execution/preview_text.hpp"

namespace curfew::execution {

using namespace std::chrono_literals;
using policy::PreviewMode;

namespace {

// For what a session still has to do once it is over.
constexpr Duration longest_goodbye = 5s;

// What waits for a lock, or runs long, is in somebody's way.
constexpr const char* limits = "SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '1s'";

std::string beginning(PreviewMode mode) {
    return std::string{mode == PreviewMode::explain ? "BEGIN READ ONLY; " : "BEGIN; "} + limits;
}

// What was said, without libpq's account of a socket that nobody knows.
std::string_view refusal_in(std::string_view message) {
    constexpr std::string_view mark = "FATAL:  ";
    const auto at = message.find(mark);
    if (at != std::string_view::npos) message.remove_prefix(at + mark.size());
    while (message.ends_with('.') || message.ends_with('\n'))
        message.remove_suffix(1);
    return message;
}

// For what has no answer but that it is done.
class Unread final : public pq::ScriptReceiver {
public:
    void columns(std::span<const std::string_view> /*names*/) override {}
    void row(std::span<const Value> /*values*/) override {}
    void copied(std::string_view /*data*/) override {}
    void completed(std::string_view /*tag*/) override {}
    void failed(const pq::ScriptError& error) override { error_ = error.message; }
    void noticed(std::string_view /*severity*/, std::string_view /*message*/) override {}

    const std::optional<std::string>& error() const { return error_; }

private:
    std::optional<std::string> error_;
};

boost::asio::awaitable<Result<void>> tell(pq::Connection& connection, std::string text) {
    Unread unread;
    auto running = connection.run_script(std::move(text), unread);
    const auto over = co_await std::move(running);
    if (!over) co_return over.error();
    if (unread.error()) co_return Error{ErrorCode::unavailable, *unread.error()};
    co_return Result<void>{};
}

// After a refusal the transaction is lost: of plans the next is asked for in another, and a dry run is over.
boost::asio::awaitable<Result<void>> ask(pq::Connection& connection, const PreviewPlan& plan,
                                         PreviewText& text) {
    bool is_open = false;
    for (const PreviewPlan::Step& step : plan.steps) {
        text.begin(step);
        if (!step.why_none.empty()) continue;
        if (!is_open) {
            if (auto begun = co_await tell(connection, beginning(plan.mode)); !begun) co_return begun;
            is_open = true;
        }
        auto asking = connection.run_statement(step.sql, step.values, text);
        const auto answered = co_await std::move(asking);
        if (!answered) co_return answered;
        if (!text.refused()) continue;
        if (auto ended = co_await tell(connection, "ROLLBACK"); !ended) co_return ended;
        is_open = false;
        if (plan.mode == PreviewMode::dry_run) co_return Result<void>{};
    }
    if (!is_open) co_return Result<void>{};
    if (plan.mode == PreviewMode::dry_run) {
        text.begin_commit();
        auto checking = connection.run_script("SET CONSTRAINTS ALL IMMEDIATE", text);
        const auto checked = co_await std::move(checking);
        if (!checked) co_return checked;
    }
    co_return co_await tell(connection, "ROLLBACK");
}

}  // namespace

// One of those that are made at a time, and its connection.
class Previewer::Turn {
public:
    explicit Turn(Previewer& previewer)
        : turns_{previewer.under_way_},
          connection_{std::make_shared<pq::Connection>(previewer.around_.control)} {
        turns_.insert(connection_);
    }
    ~Turn() { close(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    const std::shared_ptr<pq::Connection>& connection() const noexcept { return connection_; }
    // Says goodbye.
    void close() {
        turns_.erase(connection_);
        connection_.reset();
    }

private:
    std::set<std::shared_ptr<pq::Connection>>& turns_;
    std::shared_ptr<pq::Connection> connection_;
};

Previewer::Previewer(Surroundings surroundings) : around_{std::move(surroundings)} {}

Previewer::~Previewer() = default;

void Previewer::stop() {
    stopping_ = true;
    for (const auto& connection : under_way_)
        connection->abort();
}

boost::asio::awaitable<policy::Preview> Previewer::make(workflow::PreviewWanted wanted) {
    const auto plan = plan_preview(wanted.command, wanted.mode);
    if (!plan) co_return no_preview(wanted.mode, plan.error().message);
    if (stopping_) co_return no_preview(wanted.mode, "Curfew is shutting down");
    if (under_way_.size() >= most_at_a_time)
        co_return no_preview(wanted.mode, "as many as are made at a time are under way");
    Turn turn{*this};
    auto giving = around_.give(wanted);
    const auto grant = co_await std::move(giving);
    if (!grant) co_return no_preview(wanted.mode, grant.error().message);
    policy::Preview preview;
    try {
        auto making = make_under(wanted, *plan, *grant, turn);
        preview = co_await std::move(making);
    } catch (const std::exception& failure) {
        log::error("preview.failed", {{"grant", grant->text()}, {"error", failure.what()}});
        preview = no_preview(wanted.mode, "it went wrong; the log of this node says how");
    }
    auto leaving = around_.leave(*grant);
    co_await std::move(leaving);
    co_return preview;
}

boost::asio::awaitable<policy::Preview> Previewer::make_under(const workflow::PreviewWanted& wanted,
                                                              const PreviewPlan& plan, const GrantId& grant,
                                                              Turn& turn) {
    auto door =
        around_.open_door({grant, wanted.user, wanted.resource, wanted.command.database, "preview", {}});
    if (!door) co_return no_preview(wanted.mode, door.error().message);
    auto connection = turn.connection();
    boost::asio::steady_timer limit{around_.control, longest};
    limit.async_wait([weak = std::weak_ptr{connection}](const boost::system::error_code& error) {
        const auto there = weak.lock();
        if (!error && there) there->abort();
    });
    pq::Parameters way_in = door->way_in();
    auto connecting = connection->connect(std::move(way_in), std::nullopt, longest);
    const auto connected = co_await std::move(connecting);
    std::optional<policy::Preview> preview;
    if (connected) {
        PreviewText text{plan};
        auto asking = ask(*connection, plan, text);
        const auto asked = co_await std::move(asking);
        if (!asked) text.broke_off(asked.error().message);
        preview = std::move(text).take();
    } else {
        preview = no_preview(wanted.mode, refusal_in(connected.error().message));
    }
    limit.cancel();
    connection.reset();
    turn.close();
    co_await door->session_over(longest_goodbye);
    co_return std::move(*preview);
}

}  // namespace curfew::execution
