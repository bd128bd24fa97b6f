#include "api/client_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "api/json_views.hpp"
#include "api/paging.hpp"
#include "api/request_views.hpp"
#include "workflow/desk.hpp"

namespace curfew::api {
namespace {

using Steady = std::chrono::steady_clock;

// Whoever was away for longer reads the lists again, which is quicker for both.
constexpr store::EventNumber most_to_catch_up_with = 1'000;

std::string event_text(std::string_view name, store::EventNumber id, const boost::json::object& data) {
    return fmt::format("event: {}\nid: {}\ndata: {}\n\n", name, id, boost::json::serialize(data));
}

std::optional<store::EventNumber> parse_id(std::string_view text) {
    store::EventNumber number = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc{} && end == last ? std::optional{number} : std::nullopt;
}

}  // namespace

Result<Topics> parse_topics(std::string_view text) {
    if (text == "sessions") return Topics{true, false};
    if (text == "requests") return Topics{false, true};
    if (text == "sessions,requests" || text == "requests,sessions") return Topics{true, true};
    return Error{ErrorCode::invalid,
                 "'topics' must be sessions, requests, or both with a comma between them"};
}

EventsFrom begin_from(const std::optional<std::string>& last_id, store::EventNumber last) {
    if (!last_id) return {last, false};
    const auto seen = parse_id(*last_id);
    if (!seen || *seen > last || last - *seen > most_to_catch_up_with) return {last, true};
    return {*seen, false};
}

ClientEvents::ClientEvents(EventSources sources, Topics topics, EventsFrom from,
                           std::optional<std::string> user, workflow::Person person)
    : sources_{std::move(sources)},
      topics_{topics},
      user_{std::move(user)},
      person_{std::move(person)},
      spacing_{sources_.executor},
      position_{from.position},
      told_position_{from.position},
      forgotten_{from.forgotten && topics.requests} {}

Awaitable<std::string> ClientEvents::next() {
    if (std::exchange(forgotten_, false)) co_return event_text("reset", position_, {});
    // Changes of sessions that come close together are told as one: the list may be long.
    if (told_sessions_) co_await spacing_.async_wait(boost::asio::use_awaitable);
    const auto silent_until = Steady::now() + sources_.sessions.timing().longest_silence;
    while (true) {
        const Changes changes = sources_.feed.now();
        if (topics_.sessions && (!told_sessions_ || changes.sessions != sessions_seen_)) {
            auto telling = all_sessions();
            auto told = co_await std::move(telling);
            co_return told;
        }
        if (topics_.requests && (!looked_for_requests_ || changes.events > position_)) {
            auto telling = changed_requests();
            auto told = co_await std::move(telling);
            if (!told.empty()) co_return told;
            continue;
        }
        if (!topics_.requests) position_ = std::max(position_, changes.events);
        const auto left = silent_until - Steady::now();
        if (left <= Duration::zero()) co_return nothing_changed();
        co_await sources_.feed.wait(changes, left);
    }
}

Awaitable<std::string> ClientEvents::changed_requests() {
    const store::EventNumber told = sources_.feed.now().events;
    auto reading = sources_.requests.since(position_);
    const auto read = co_await std::move(reading);
    if (!read) throw std::runtime_error(read.error().message);
    const RequestChanges& changes = **read;
    if (changes.upto == position_) {
        // There is no more than that, whatever was told.
        looked_for_requests_ = true;
        position_ = std::max(position_, told);
    }
    const auto rulebook = workflow::as_seen_by(person_, changes.rulebook);
    std::string text;
    for (const auto& change : changes.changes) {
        if (!workflow::may_see(*rulebook, person_.name, change.request)) continue;
        text += event_text("request", change.number, view(change.request));
        told_position_ = change.number;
    }
    position_ = std::max(position_, changes.upto);
    co_return text;
}

Awaitable<std::string> ClientEvents::all_sessions() {
    const auto snapshot = co_await sources_.sessions.now();
    told_sessions_ = true;
    sessions_seen_ = snapshot->change;
    const auto& timing = sources_.sessions.timing();
    spacing_.expires_after(std::chrono::ceil<std::chrono::milliseconds>(timing.least_interval));
    boost::json::array items;
    for (const auto& session : snapshot->sessions) {
        if (!user_ || session.user == *user_) items.emplace_back(view(session, snapshot->at));
    }
    told_position_ = position_;
    co_return event_text("sessions", position_, list_document(std::move(items), std::nullopt));
}

std::string ClientEvents::nothing_changed() {
    std::string text = ": nothing changed\n";
    // Others' requests changed meanwhile: whoever comes back need not go through them again.
    if (told_position_ != position_) text += fmt::format("id: {}\n", position_);
    told_position_ = position_;
    return text + '\n';
}

}  // namespace curfew::api
