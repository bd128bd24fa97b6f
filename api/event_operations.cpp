#include <memory>
#include <optional>
#include <utility>

#include "api/guarded_stream.hpp"
#include "api/operations.hpp"
#include "api/problem.hpp"

namespace curfew::api {
namespace {

const Requirement watch{Access::person, {Scope::read}};

std::optional<std::string> last_event_id(const Request& request) {
    const auto found = request.find("Last-Event-ID");
    if (found == request.end() || found->value().empty()) return std::nullopt;
    return std::string{found->value()};
}

Awaitable<Reply> watch_events(EventSources sources, const Gate& gate, const Clock& clock, Call call) {
    const auto topics = parse_topics(call.parameter("topics").value_or("sessions,requests"));
    if (!topics) co_return problem(topics.error());
    // Before the answer begins: what happens once the client has that is told.
    auto asking = sources.requests.last();
    const auto last = co_await std::move(asking);
    if (!last) co_return problem(last.error());
    const auto from = begin_from(last_event_id(call.request), *last);
    const auto user = call.who().is_auditor() ? std::nullopt : std::optional{call.who().user};
    auto events =
        std::make_shared<ClientEvents>(std::move(sources), *topics, from, user, person_of(call.who()));
    auto next = [events] { return events->next(); };
    auto guarded = std::make_shared<GuardedStream>(std::move(next), gate, clock, watch, call);
    EventStream stream;
    stream.next = [guarded] { return guarded->next(); };
    co_return stream;
}

}  // namespace

void add_event_operations(Router& router, const EventSources& sources, const Gate& gate, const Clock& clock) {
    router.add({http::verb::get, "/events", watch, {"topics"}}, [sources, &gate, &clock](Call call) {
        return watch_events(sources, gate, clock, std::move(call));
    });
}

}  // namespace curfew::api
