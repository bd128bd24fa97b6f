#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "api/history_input.hpp"
#include "api/history_views.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "audit/proof/receipt_file.hpp"
#include "audit/proof/trail_line.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

// All for auditors, their own for others.
Awaitable<Reply> list_past_sessions(store::SessionStore& store, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto filter = read_session_filter(call);
    if (!filter) co_return problem(filter.error());
    boost::json::array items;
    if (!call.who().is_auditor()) {
        const std::string& self = call.who().user;
        if (self.empty() || (filter->user && *filter->user != self))
            co_return json_response(http::status::ok, list_document(std::move(items), std::nullopt));
        filter->user = self;
    }
    store::Page wanted{page->limit, page->after};
    auto asking = store.list_sessions(std::move(*filter), std::move(wanted));
    const auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());
    for (const auto& session : found->sessions)
        items.emplace_back(view(session));
    co_return json_response(http::status::ok, list_document(std::move(items), found->next));
}

Error no_past_session(std::string_view id) {
    return {ErrorCode::not_found,
            fmt::format("There is no session '{}'; the list of past sessions has their identifiers",
                        printable(id, 40))};
}

// As a file, to be kept. Whoever may not see a session does not learn that it is there.
Awaitable<Reply> show_receipt(store::Store& store, Call call) {
    const auto id = SessionId::parse(call.id);
    if (!id) co_return problem(no_past_session(call.id));
    auto looking = store.find_session(*id);
    const auto session = co_await std::move(looking);
    if (!session) {
        const bool unknown = session.error().code == ErrorCode::not_found;
        co_return problem(unknown ? no_past_session(call.id) : session.error());
    }
    const std::string& self = call.who().user;
    if (!call.who().is_auditor() && (self.empty() || session->user != self))
        co_return problem(no_past_session(call.id));
    auto asking = store.find_receipt(*id);
    const auto receipt = co_await std::move(asking);
    if (!receipt) co_return problem(receipt.error());
    const audit::ReceiptFile file{receipt->content.document, receipt->content.signature,
                                  receipt->content.public_key};
    Response response = make_response(http::status::ok, "application/json", audit::write_receipt_file(file));
    response.set(http::field::content_disposition,
                 fmt::format("attachment; filename=\"receipt-{}.json\"", id->text()));
    co_return response;
}

Awaitable<Reply> show_timeline(store::TimelineStore& store, Call call) {
    const auto wanted = read_timeline_wanted(call);
    if (!wanted) co_return problem(wanted.error());
    auto asking = store.timeline(*wanted);
    const auto timeline = co_await std::move(asking);
    if (!timeline) co_return problem(timeline.error());
    co_return json_response(http::status::ok, view(*wanted, *timeline));
}

Awaitable<Reply> list_events(store::EventStore& store, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto filter = read_event_filter(call);
    if (!filter) co_return problem(filter.error());
    const auto verbatim = call.flag("verbatim");
    if (!verbatim) co_return problem(verbatim.error());
    store::Page wanted{page->limit, page->after};
    auto asking = store.list_events(std::move(*filter), std::move(wanted));
    const auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());
    boost::json::array items;
    for (const auto& event : found->events)
        items.emplace_back(*verbatim ? audit::json_of(event) : view(event));
    co_return json_response(http::status::ok, list_document(std::move(items), found->next));
}

}  // namespace

void add_history_operations(Router& router, store::Store& store) {
    const Requirement see_own{Access::person, {Scope::read}};
    const Requirement see_all{Access::auditor, {Scope::read}};
    router.add({http::verb::get, "/sessions/past", see_own,
                paged({"user", "resource", "from", "to", "cause", "outcome"})},
               [&store](Call call) { return list_past_sessions(store, std::move(call)); });
    router.add({http::verb::get, "/sessions/{id}/receipt", see_own},
               [&store](Call call) { return show_receipt(store, std::move(call)); });
    router.add({http::verb::get, "/timeline", see_all, {"from", "to", "resource", "limit"}},
               [&store](Call call) { return show_timeline(store, std::move(call)); });
    router.add({http::verb::get, "/audit-trail", see_all,
                paged({"kind", "id", "actor", "from", "to", "order", "verbatim"})},
               [&store](Call call) { return list_events(store, std::move(call)); });
}

}  // namespace curfew::api
