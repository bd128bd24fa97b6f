#include "api/recording_search.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/recording_views.hpp"
#include "base/log.hpp"

namespace curfew::api {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds longest_search_time{2};
constexpr std::size_t most_bytes = 64U << 20U;

// A session's recording that could not be looked through.
void pass_over(const store::SessionRecord& session, const Error& error, const std::string& own,
               RecordingsSearched& searched) {
    const bool elsewhere = session.node != own && error.code == ErrorCode::not_found;
    if (elsewhere) {
        searched.elsewhere.insert(session.node);
        return;
    }
    ++searched.missing;
    if (error.code != ErrorCode::not_found)
        log::warning("recording.not_searched", {{"session", session.id.text()}, {"error", error.message}});
}

}  // namespace

Awaitable<Result<RecordingsSearched>> search_recordings(RecordingShelf& shelf, store::SessionStore& sessions,
                                                        recording::Searcher searcher, RecordingsWanted wanted,
                                                        std::string own) {
    RecordingsSearched searched;
    SearchPlace place = wanted.from;
    std::size_t bytes = 0;
    const auto give_up = Steady::now() + longest_search_time;
    wanted.filter.recorded = true;
    while (true) {
        store::Page one{1, place.sessions};
        auto asking = sessions.list_sessions(wanted.filter, std::move(one));
        const auto page = co_await std::move(asking);
        if (!page) co_return page.error();
        bool through = true;
        if (!page->sessions.empty()) {
            const store::SessionRecord& session = page->sessions.front().record;
            const SearchBudget budget{wanted.limit - searched.hits.size(), most_bytes - bytes,
                                      std::max<Duration>(give_up - Steady::now(), Duration::zero())};
            auto looking = shelf.search({session.id, session.started_at}, place.entry, searcher, budget);
            const auto found = co_await std::move(looking);
            if (found) {
                ++searched.recordings;
                bytes += found->bytes;
                for (const auto& hit : found->hits)
                    searched.hits.emplace_back(view(session, hit));
                through = found->at_end;
                place.entry = found->next;
            } else {
                pass_over(session, found.error(), own, searched);
            }
        }
        if (through) {
            if (!page->next) co_return searched;
            place = {*page->next, 0};
        }
        const bool enough = searched.hits.size() >= wanted.limit || bytes >= most_bytes;
        if (enough || Steady::now() >= give_up) {
            searched.next = place;
            co_return searched;
        }
    }
}

}  // namespace curfew::api
