#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "api/operations.hpp"
#include "api/problem.hpp"

namespace curfew::api {
namespace {

// How long somebody is told things after their right to that is gone, at most.
constexpr std::chrono::seconds look_again_after{1};

const Requirement watch{Access::person, {Scope::read}};

bool is_same(const Principal& one, const Principal& other) {
    return one.user == other.user && one.is_administrator == other.is_administrator &&
           one.groups == other.groups;
}

// A stream that ends with the right to it. Who is somebody else by now, with other groups, comes back as
// that, and reads on where they were.
class GuardedEvents {
public:
    GuardedEvents(ClientEvents events, const Gate& gate, const Clock& clock, Call call)
        : events_{std::move(events)},
          gate_{gate},
          clock_{clock},
          call_{std::move(call)},
          looked_at_{clock.boot_now()} {}

    Awaitable<std::string> next() {
        auto waiting = events_.next();
        auto piece = co_await std::move(waiting);
        const auto now = clock_.boot_now();
        if (now - looked_at_ < look_again_after) co_return piece;
        auto admitting = gate_.admit(call_.request, call_.peer, watch);
        const auto admission = co_await std::move(admitting);
        const auto* principal = std::get_if<std::optional<Principal>>(&admission);
        if (principal == nullptr || !*principal || !is_same(**principal, call_.who()))
            throw std::runtime_error("the right to watch is over, or is another one");
        looked_at_ = now;
        co_return piece;
    }

private:
    ClientEvents events_;
    const Gate& gate_;
    const Clock& clock_;
    const Call call_;
    BootInstant looked_at_;
};

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
    const auto user = call.who().is_administrator ? std::nullopt : std::optional{call.who().user};
    ClientEvents events{std::move(sources), *topics, from, user, person_of(call.who())};
    auto guarded = std::make_shared<GuardedEvents>(std::move(events), gate, clock, std::move(call));
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
