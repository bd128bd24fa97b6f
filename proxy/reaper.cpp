#include "proxy/reaper.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "policy/end_cause.hpp"
#include "proxy/ephemeral_role.hpp"
#include "proxy/left_behind.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration first_look_again = 10ms;
constexpr Duration last_look_again = 500ms;

// What all that is reaped in one call share.
struct Reaping {
    store::Store& store;
    const std::map<std::string, BackendAdmin*>& admins;
    std::chrono::steady_clock::time_point deadline;
    std::string by;  // the node that does it for another one; empty: for itself
    ReapReport report;

    Duration left() const { return deadline - std::chrono::steady_clock::now(); }
    BackendAdmin* admin_of(const std::string& resource) const {
        const auto found = admins.find(resource);
        return found == admins.end() ? nullptr : found->second;
    }
};

// What was established of one backend.
struct Finding {
    enum class State { gone, unknowable, still_there };
    State state{};
    bool terminated = false;
    std::string detail;
};

std::string backend_name(const store::SessionRecord& session) {
    return "backend " + std::to_string(session.backend.pid);
}

// Why nothing can be established of this session's backend, now or later; empty if it can.
std::string why_unknowable(const store::SessionRecord& session, const BackendAdmin* admin) {
    if (session.backend.pid <= 0)
        return "curfewd crashed before it recorded which backend served this session; one may still run";
    if (admin == nullptr)
        return "curfewd crashed and resource '" + session.resource + "' has no admin_login to look for " +
               backend_name(session) + " with; it may still run";
    if (session.backend.started.empty())
        return "curfewd crashed and never learnt when " + backend_name(session) +
               " started; the pid alone may be another's by now, so it was left alone and may still run";
    return {};
}

// What there is to say of a backend that is there still, or may be.
std::string describe(const store::SessionRecord& session, const Result<BackendAdmin::Signal>& signal) {
    if (!signal) return signal.error().message;
    if (*signal == BackendAdmin::Signal::refused)
        return "PostgreSQL does not let the admin role terminate " + backend_name(session) +
               ", which still runs: it is a superuser's, or the role lacks pg_signal_backend; "
               "terminate it as a superuser";
    return backend_name(session) + " was terminated and still runs";
}

std::string describe_end(const Reaping& reaping, const store::SessionRecord& session, bool terminated) {
    if (reaping.by.empty()) {
        return terminated ? "its backend outlived the crash of curfewd and was terminated"
                          : "its backend was gone when curfewd started again";
    }
    const std::string by = "node '" + reaping.by + "'";
    return terminated ? "its backend outlived node '" + session.node + "' and was terminated by " + by
                      : "its node '" + session.node + "' is gone; " + by + " found its backend gone too";
}

asio::awaitable<void> sleep(Duration duration) {
    asio::steady_timer timer{co_await asio::this_coro::executor, duration};
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

// Terminates the backend and looks until its row is gone, or time is up.
asio::awaitable<Finding> end_backend(Reaping& reaping, const store::SessionRecord& session,
                                     BackendAdmin& admin) {
    Finding finding{Finding::State::still_there, false,
                    "resource '" + session.resource + "' did not answer the administrative login in time"};
    Duration pause = first_look_again;
    for (;;) {
        if (co_await admin.wait_until_up(std::max(reaping.left(), Duration::zero()))) {
            const Result<BackendAdmin::Signal> signal = co_await admin.terminate(session.backend);
            finding.terminated |= signal && *signal == BackendAdmin::Signal::sent;
            finding.detail = describe(session, signal);
            const Result<bool> running = co_await admin.is_running(session.backend);
            if (running && !*running) {
                finding.state = Finding::State::gone;
                finding.detail = describe_end(reaping, session, finding.terminated);
                co_return finding;
            }
        }
        if (reaping.left() <= Duration::zero()) co_return finding;
        co_await sleep(std::min(pause, reaping.left()));
        pause = std::min(pause * 2, last_look_again);
    }
}

asio::awaitable<Finding> look_after_backend(Reaping& reaping, const store::SessionRecord& session) {
    BackendAdmin* admin = reaping.admin_of(session.resource);
    std::string unknowable = why_unknowable(session, admin);
    if (!unknowable.empty()) {
        Finding finding{Finding::State::unknowable, false, std::move(unknowable)};
        co_return finding;
    }
    co_return co_await end_backend(reaping, session, *admin);
}

void log_reaped(const store::SessionRecord& session, const store::SessionEnd& end, bool terminated) {
    const bool noteworthy = terminated || end.confirmation == store::Confirmation::unconfirmed;
    log::write(noteworthy ? log::Level::warning : log::Level::info, "session.reaped",
               {{"session", session.id.text()},
                {"grant", session.grant.text()},
                {"user", session.user},
                {"resource", session.resource},
                {"backend_pid", session.backend.pid},
                {"backend_terminated", terminated},
                {"cause", policy::to_string(end.cause)},
                {"confirmation", store::to_string(end.confirmation)},
                {"detail", end.detail}});
}

void leave(Reaping& reaping, const store::SessionRecord& session, std::string why) {
    log::error("session.unreaped", {{"session", session.id.text()},
                                    {"user", session.user},
                                    {"resource", session.resource},
                                    {"backend_pid", session.backend.pid},
                                    {"why", why}});
    reaping.report.unreaped.push_back({session.id, session.resource, std::move(why)});
}

// As which it logged in to PostgreSQL.
std::string role_of(const store::SessionRecord& session, const config::Resource& resource) {
    if (resource.login == config::LoginMode::ephemeral)
        return role_name({session.user, session.grant, session.resource});
    return resource.role ? resource.role->user : session.user;
}

// Nobody looked for what it left when it ended.
asio::awaitable<void> see_to_what_it_left(Reaping& reaping, const store::SessionRecord& session) {
    BackendAdmin* admin = reaping.admin_of(session.resource);
    if (admin == nullptr || session.backend.started.empty()) co_return;
    const config::Resource& resource = admin->resource();
    EndedSession ended;
    ended.id = session.id;
    ended.user = session.user;
    ended.trace.role = role_of(session, resource);
    ended.trace.database = session.database;
    ended.trace.started = session.backend.started;
    auto seeing = see_to_left_behind(*admin, std::move(ended));
    co_await std::move(seeing);
}

asio::awaitable<void> reap_one(Reaping& reaping, const store::SessionRecord& session) {
    Finding finding = co_await look_after_backend(reaping, session);
    if (finding.state == Finding::State::still_there) {
        leave(reaping, session, std::move(finding.detail));
        co_return;
    }
    const bool gone = finding.state == Finding::State::gone;
    store::SessionEnd end{session.id, session.cause.value_or(policy::EndCause::node_crashed),
                          gone ? store::Confirmation::activity : store::Confirmation::unconfirmed,
                          std::move(finding.detail)};
    if (gone) end.backend_gone_at = SystemClock{}.boot_now();  // known now; it may have been so for long
    const Result<void> recorded = co_await reaping.store.session_ended(end);
    if (!recorded) {
        leave(reaping, session, "its end could not be recorded: " + recorded.error().message);
        co_return;
    }
    ++(gone ? reaping.report.confirmed : reaping.report.unconfirmed);
    log_reaped(session, end, finding.terminated);
    if (gone) co_await see_to_what_it_left(reaping, session);
}

}  // namespace

asio::awaitable<Result<ReapReport>> reap(store::Store& store, std::string node,
                                         const std::map<std::string, BackendAdmin*>& admins,
                                         Duration at_most) {
    Result<std::vector<store::SessionRecord>> sessions = co_await store.unfinished_sessions(std::move(node));
    if (!sessions) co_return sessions.error();
    co_return co_await reap_sessions(store, std::move(*sessions), admins, at_most);
}

asio::awaitable<ReapReport> reap_sessions(store::Store& store, std::vector<store::SessionRecord> sessions,
                                          const std::map<std::string, BackendAdmin*>& admins,
                                          Duration at_most, std::string by) {
    Reaping reaping{store, admins, std::chrono::steady_clock::now() + at_most, std::move(by), {}};
    if (sessions.empty()) co_return std::move(reaping.report);

    // All at a time, so that no resource waits for another one that does not answer; all joined here.
    const auto executor = co_await asio::this_coro::executor;
    using Task = decltype(asio::co_spawn(executor, reap_one(reaping, sessions.front()), asio::deferred));
    std::vector<Task> tasks;
    tasks.reserve(sessions.size());
    for (const store::SessionRecord& session : sessions)
        tasks.push_back(asio::co_spawn(executor, reap_one(reaping, session), asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(tasks));
    const auto [order, failures] =
        co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const std::exception_ptr& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    co_return std::move(reaping.report);
}

}  // namespace curfew::proxy
