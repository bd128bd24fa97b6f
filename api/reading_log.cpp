#include "api/reading_log.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "api/json_values.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

constexpr std::chrono::minutes noted_for{10};
constexpr std::size_t most_noted = 1'000;
constexpr std::size_t longest_text = 200;

}  // namespace

Awaitable<Result<void>> ReadingLog::note_read(const store::SessionRecord& session, Actor actor,
                                              std::string_view as) {
    const boost::json::object summary{
        {"user", text_value(session.user)}, {"resource", text_value(session.resource)}, {"as", as}};
    store::NewEvent event;
    event.kind = "recording.read";
    event.id = session.id.text();
    event.actor = std::move(actor);
    event.summary = boost::json::serialize(summary);
    return note(std::move(event));
}

Awaitable<Result<void>> ReadingLog::note_search(Actor actor, std::string_view text,
                                                boost::json::object where) {
    where["text"] = printable(text, longest_text);
    store::NewEvent event;
    event.kind = "recording.searched";
    event.id = "recordings";
    event.actor = std::move(actor);
    event.summary = boost::json::serialize(where);
    return note(std::move(event));
}

Awaitable<Result<void>> ReadingLog::note(store::NewEvent event) {
    const auto now = clock_.boot_now();
    std::erase_if(noted_, [now](const auto& noted) { return now - noted.second >= noted_for; });
    auto what = fmt::format("{}\n{}\n{}\n{}", event.kind, event.id, event.actor.name, event.summary);
    if (noted_.contains(what)) co_return Result<void>{};
    auto adding = events_.add_event(std::move(event));
    const auto added = co_await std::move(adding);
    if (!added) {
        co_return Error{
            added.error().code,
            "Who reads a recording has to be noted in the audit trail first, and it could not be: " +
                added.error().message};
    }
    if (noted_.size() < most_noted) noted_.insert_or_assign(std::move(what), now);
    co_return Result<void>{};
}

}  // namespace curfew::api
