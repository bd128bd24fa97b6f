#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/json_input.hpp"
#include "api/json_views.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

// Live sessions: all for administrators, their own for others, by identifier.
Awaitable<Reply> list_sessions(RemoteNode& node, const Clock& clock, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto asking = node.sessions();
    auto sessions = co_await std::move(asking);
    const auto now = clock.wall_now();
    std::erase_if(sessions, [&](const proxy::SessionView& session) {
        const bool theirs = call.who().is_administrator || session.user == call.who().user;
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

Place place_of(const store::SessionRecord& session) {
    return {session.started_at, session.id.text()};
}

// Of the records that started last, `asked_for` of them: those below `after`, in their order. Where there may
// be more, not those of the last one's millisecond, some of which may be missing.
void keep_below(std::vector<store::SessionRecord>& records, std::size_t asked_for,
                const std::optional<Place>& after) {
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return place_of(b).is_below(place_of(a)); });
    const bool complete = records.size() < asked_for;
    const auto edge = records.empty() ? WallInstant{} : records.back().started_at;
    std::erase_if(records, [&](const store::SessionRecord& record) {
        return (!complete && record.started_at == edge) || (after && !place_of(record).is_below(*after));
    });
}

Awaitable<Reply> list_past_sessions(RemoteNode& node, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    const auto after = parse_place(page->after);
    if (!page->after.empty() && !after) co_return problem(not_a_place(page->after));
    // The store gives those that started last, so that a page further down is looked for in longer and longer
    // lists.
    std::vector<store::SessionRecord> found;
    for (std::size_t ask_for = page->limit + 2;; ask_for *= 4) {
        auto asking = node.past_sessions(ask_for);
        auto records = co_await std::move(asking);
        if (!records) co_return problem(records.error());
        const bool complete = records->size() < ask_for;
        keep_below(*records, ask_for, after);
        found = std::move(*records);
        if (complete || found.size() > page->limit) break;
    }
    std::optional<std::string> next;
    if (found.size() > page->limit) {
        found.resize(page->limit);
        next = to_string(place_of(found.back()));
    }
    boost::json::array items;
    for (const auto& record : found)
        items.emplace_back(view(record));
    co_return json_response(http::status::ok, list_document(std::move(items), next));
}

Awaitable<Reply> kill_session(RemoteNode& node, Call call) {
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
    auto killing = node.kill(*id, call.actor());
    const auto killed = co_await std::move(killing);
    if (!killed) co_return refused("kill", call.actor(), call.id, killed.error());
    log_done("admin.session_killed", call.actor(), call.id);
    // Accepted, not done: the session is told to end and its backend may live a moment longer.
    const boost::json::object body{{"id", id->text()}, {"phase", "ending"}};
    co_return json_response(http::status::accepted, body);
}

}  // namespace

void add_session_operations(Router& router, RemoteNode& node, const Clock& clock) {
    const Requirement see_own{Access::person, {Scope::read}};
    const Requirement see_all{Access::administrator, {Scope::read}};
    const Requirement administer{Access::administrator, {Scope::admin}};
    router.add({http::verb::get, "/sessions", see_own, paged()},
               [&node, &clock](Call call) { return list_sessions(node, clock, std::move(call)); });
    router.add({http::verb::get, "/sessions/past", see_all, paged()},
               [&node](Call call) { return list_past_sessions(node, std::move(call)); });
    router.add({http::verb::post, "/sessions/{id}/kill", administer},
               [&node](Call call) { return kill_session(node, std::move(call)); });
}

}  // namespace curfew::api
