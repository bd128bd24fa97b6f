#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/json_input.hpp"
#include "api/json_values.hpp"
#include "api/json_views.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

// Live sessions: all for auditors, their own for others, by identifier.
Awaitable<Reply> list_sessions(FleetSessions& fleet, const Clock& clock, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto asking = fleet.list();
    auto sessions = co_await std::move(asking);
    const auto now = clock.wall_now();
    std::erase_if(sessions, [&](const proxy::SessionView& session) {
        const bool theirs = call.who().is_auditor() || session.user == call.who().user;
        return !theirs || session.id.text() <= page->after;
    });
    std::sort(sessions.begin(), sessions.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    std::optional<std::string> next;
    if (sessions.size() > page->limit) {
        sessions.resize(page->limit);
        next = sessions.back().id.text();
    }
    boost::json::array items;
    for (const auto& session : sessions)
        items.emplace_back(view(session, now));
    co_return json_response(http::status::ok, list_document(std::move(items), next));
}

Awaitable<Reply> kill_session(FleetSessions& fleet, Call call) {
    const auto id = SessionId::parse(call.id);
    if (!id) {
        const Error unknown{ErrorCode::not_found, fmt::format("There is no live session '{}'; the list of "
                                                              "sessions has their identifiers",
                                                              printable(call.id, 40))};
        co_return refused("kill", call.actor(), call.id, unknown);
    }
    if (const auto read = read_nothing(call.request); !read) {
        co_return refused("kill", call.actor(), call.id, read.error());
    }
    auto killing = fleet.kill(*id, call.recorded());
    const auto killed = co_await std::move(killing);
    if (!killed) co_return refused("kill", call.actor(), call.id, killed.error());
    log_done("admin.session_killed", call.actor(), call.id, killed->problem);
    // Accepted, not done: the session is told to end and its backend may live a moment longer.
    const boost::json::object body{{"id", id->text()},
                                   {"phase", killed->heard ? "ending" : "asked"},
                                   {"node", text_value(killed->node)},
                                   {"problem", text_or_null(killed->problem)}};
    co_return json_response(http::status::accepted, body);
}

}  // namespace

void add_session_operations(Router& router, FleetSessions& fleet, const Clock& clock) {
    const Requirement see_own{Access::person, {Scope::read}};
    const Requirement administer{Access::administrator, {Scope::admin}};
    router.add({http::verb::get, "/sessions", see_own, paged()},
               [&fleet, &clock](Call call) { return list_sessions(fleet, clock, std::move(call)); });
    router.add({http::verb::post, "/sessions/{id}/kill", administer},
               [&fleet](Call call) { return kill_session(fleet, std::move(call)); });
}

}  // namespace curfew::api
