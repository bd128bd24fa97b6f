#include "workflow/store_follower.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace curfew::workflow {
namespace {

constexpr std::size_t events_at_a_time = 500;

bool is_about(const store::Event& event, std::string_view what) {
    return event.kind.starts_with(what);
}

}  // namespace

struct StoreFollower::News {
    explicit News(const boost::asio::any_io_executor& control) : there{control} {}

    proxy::Event there;
};

StoreFollower::StoreFollower(boost::asio::any_io_executor control, store::Store& store,
                             Enforcement& enforcement, Registry& registry,
                             std::function<void(const ChangedRequests&)> requests_changed)
    : control_{std::move(control)},
      store_{store},
      enforcement_{enforcement},
      registry_{registry},
      requests_changed_{std::move(requests_changed)},
      news_{std::make_shared<News>(control_)} {}

StoreFollower::~StoreFollower() {
    store_.stop_watching(watch_);
}

Awaitable<Result<void>> StoreFollower::begin() {
    watch_ = store_.watch_events([control = control_, news = news_](store::EventNumber) {
        boost::asio::post(control, [news] { news->there.notify(); });
    });
    const Result<store::ChainHead> last = co_await store_.head_of_events();
    if (!last) co_return last.error();
    seen_ = *last;
    co_return Result<void>{};
}

void StoreFollower::stop() {
    stopping_ = true;
    news_->there.notify();
}

Awaitable<void> StoreFollower::run() {
    while (!stopping_) {
        const Result<bool> more = co_await read_on();
        if (!more) {
            log::debug("store.not_followed", {{"error", more.error().message}});
            co_await news_->there.wait_for(pause);
        } else if (!*more) {
            co_await news_->there.wait();
        }
    }
}

// True if there may be more.
Awaitable<Result<bool>> StoreFollower::read_on() {
    auto reading = store_.events_after(seen_, events_at_a_time);
    const Result<store::EventsRead> read = co_await std::move(reading);
    if (!read) co_return read.error();
    Wanted wanted;
    for (const store::Event& event : read->events)
        note(event, wanted);
    if (read->lost) {
        auto noting = note_again(read->last.number, wanted);
        const Result<void> noted = co_await std::move(noting);
        if (!noted) co_return noted.error();
    }
    auto acting = act_on(std::move(wanted));
    const Result<void> acted = co_await std::move(acting);
    if (!acted) co_return acted.error();
    // Only now: what could not be acted on is read again.
    seen_ = read->last;
    co_return read->events.size() == events_at_a_time;
}

// A failover lost events that were acted on here, and others came by their numbers. Of those the last ones
// are read once more: nothing is done twice by that, and a session that was to be ended is not passed over.
Awaitable<Result<void>> StoreFollower::note_again(store::EventNumber last, Wanted& wanted) {
    log::warning("store.events_lost", {{"seen", seen_.number}, {"last", last}});
    auto reading =
        store_.events_since(last - std::min<store::EventNumber>(last, events_at_a_time), events_at_a_time);
    const auto events = co_await std::move(reading);
    if (!events) co_return events.error();
    for (const store::Event& event : *events)
        note(event, wanted);
    wanted.sessions = true;
    wanted.objects = true;
    wanted.requests.reset();
    auto reading_grants = enforcement_.read_grants_anew();
    co_return co_await std::move(reading_grants);
}

void StoreFollower::note(const store::Event& event, Wanted& wanted) {
    if (is_about(event, "grant.")) {
        wanted.grants.insert(event.id);
    } else if (is_about(event, "request.")) {
        const auto id = RequestId::parse(event.id);
        if (id && wanted.requests) wanted.requests->insert(*id);
    } else if (is_about(event, "session.")) {
        wanted.sessions = true;
        if (event.kind == "session.kill_asked") wanted.kills.push_back(event);
    } else if (is_about(event, "user.") || is_about(event, "group.") || is_about(event, "resource.") ||
               is_about(event, "rule.") || is_about(event, "claims.")) {
        wanted.objects = true;
    }
}

Awaitable<Result<void>> StoreFollower::act_on(Wanted wanted) {
    std::vector<GrantId> changed;
    for (const std::string& text : wanted.grants) {
        if (auto id = GrantId::parse(text)) changed.push_back(std::move(*id));
    }
    if (!changed.empty()) {
        auto finding = store_.find_grants(std::move(changed));
        auto grants = co_await std::move(finding);
        if (!grants) co_return grants.error();
        co_await enforcement_.grants_changed(std::move(*grants));
    }
    for (const store::Event& kill : wanted.kills) {
        auto id = SessionId::parse(kill.id);
        if (!id) continue;
        auto ending = enforcement_.session_kill_asked(std::move(*id), kill.actor);
        co_await std::move(ending);
    }
    if (wanted.sessions) enforcement_.sessions_changed();
    if (!wanted.requests || !wanted.requests->empty()) requests_changed_(wanted.requests);
    if (!wanted.objects) co_return Result<void>{};
    const Result<void> refreshed = co_await registry_.refresh();
    // What does not fit this node's own file is told, and gone on without: asking again would not mend it.
    if (!refreshed && refreshed.error().code != ErrorCode::unavailable) {
        log::error("config.not_refreshed", {{"error", refreshed.error().message}});
        co_return Result<void>{};
    }
    co_return refreshed;
}

}  // namespace curfew::workflow
