#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/guarded_stream.hpp"
#include "api/history_input.hpp"
#include "api/json_values.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "api/reading_log.hpp"
#include "api/recording_input.hpp"
#include "api/recording_search.hpp"
#include "api/recording_streams.hpp"
#include "api/recording_views.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

const Requirement read_recordings{Access::auditor, {Scope::read}};

// What these operations have in common.
struct Readers {
    explicit Readers(const RecordingParts& parts_) : parts{parts_}, log{parts_.store, parts_.clock} {}

    const RecordingParts parts;
    ReadingLog log;
};
using ReadersPtr = std::shared_ptr<Readers>;

recording::RecordingKey key_of(const store::SessionRecord& session) {
    return {session.id, session.started_at};
}

Error not_recorded(const store::SessionRecord& session) {
    return {
        ErrorCode::not_found,
        fmt::format("Session {} was not recorded: neither its resource nor the rule of its grant asked for "
                    "that",
                    session.id.text())};
}

// Why it is not here; `error` where it might be and cannot be read.
Error not_here(const store::SessionRecord& session, const std::string& own, Error error) {
    if (error.code != ErrorCode::not_found) return error;
    if (session.node != own) {
        return {
            ErrorCode::not_found,
            fmt::format("The recording of {} lies on node '{}' and not on this one, '{}': ask that node, or "
                        "have recordings kept where all nodes read them (recordings.s3)",
                        session.id.text(), printable(session.node), printable(own))};
    }
    return {ErrorCode::not_found,
            fmt::format("The recording of {} is not here any more: it has been kept for as long as "
                        "recordings.keep_for and recordings.keep_bytes say, or was taken away",
                        session.id.text())};
}

// The session, if it was recorded.
Awaitable<Result<store::SessionRecord>> recorded_session(store::SessionStore& store, std::string text) {
    const auto id = SessionId::parse(text);
    if (!id) {
        co_return Error{ErrorCode::not_found,
                        fmt::format("There is no session '{}'; the list of recordings has their identifiers",
                                    printable(text, 40))};
    }
    auto finding = store.find_session(*id);
    auto found = co_await std::move(finding);
    if (!found) co_return found.error();
    const auto mode = found->facts.recording.value_or(policy::RecordingMode::off);
    if (mode == policy::RecordingMode::off) co_return not_recorded(*found);
    co_return found;
}

Awaitable<Reply> list_recordings(store::SessionStore& store, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto filter = read_session_filter(call);
    if (!filter) co_return problem(filter.error());
    filter->recorded = true;
    store::Page wanted{page->limit, page->after};
    auto asking = store.list_sessions(std::move(*filter), std::move(wanted));
    const auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());
    boost::json::array items;
    for (const auto& session : found->sessions)
        items.emplace_back(recording_view(session.record));
    co_return json_response(http::status::ok, list_document(std::move(items), found->next));
}

Awaitable<Reply> show_page(ReadersPtr readers, store::SessionRecord session, RecordingWanted wanted) {
    auto reading = readers->parts.shelf.entries(key_of(session), wanted.from, wanted.limit);
    const auto read = co_await std::move(reading);
    if (!read) co_return problem(not_here(session, readers->parts.own, read.error()));
    co_return make_response(http::status::ok, "application/json", entries_document(session, *read));
}

Awaitable<Reply> stream_recording(ReadersPtr readers, store::SessionRecord session, RecordingWanted wanted,
                                  Call call) {
    auto& shelf = readers->parts.shelf;
    auto opening = shelf.open(key_of(session), wanted.from);
    auto opened = co_await std::move(opening);
    if (!opened) co_return problem(not_here(session, readers->parts.own, opened.error()));
    if (wanted.form) {
        ByteStream bytes;
        bytes.content_type = content_type_of(*wanted.form);
        bytes.file_name = file_name_of(session.id, *wanted.form);
        bytes.next = whole_recording(shelf, std::move(*opened), *wanted.form);
        co_return bytes;
    }
    FollowTiming timing;
    timing.longest_silence = readers->parts.longest_silence;
    auto next = followed_recording(shelf, readers->parts.executor, std::move(*opened), timing);
    auto guarded = std::make_shared<GuardedStream>(std::move(next), readers->parts.gate, readers->parts.clock,
                                                   read_recordings, call);
    EventStream events;
    events.next = [guarded] { return guarded->next(); };
    co_return events;
}

Awaitable<Reply> read_recording(ReadersPtr readers, Call call) {
    const auto wanted = read_recording_wanted(call);
    if (!wanted) co_return problem(wanted.error());
    auto finding = recorded_session(readers->parts.store, call.id);
    auto session = co_await std::move(finding);
    if (!session) co_return problem(session.error());
    const std::string_view as =
        wanted->form ? to_string(*wanted->form) : (wanted->follow ? "followed" : "json");
    auto noting = readers->log.note_read(*session, call.recorded(), as);
    const auto noted = co_await std::move(noting);
    if (!noted) co_return problem(noted.error());
    auto answering = wanted->form || wanted->follow
                         ? stream_recording(readers, std::move(*session), *wanted, std::move(call))
                         : show_page(readers, std::move(*session), *wanted);
    auto reply = co_await std::move(answering);
    co_return reply;
}

Awaitable<Reply> read_recording_file(ReadersPtr readers, Call call) {
    auto finding = recorded_session(readers->parts.store, call.id);
    auto session = co_await std::move(finding);
    if (!session) co_return problem(session.error());
    auto noting = readers->log.note_read(*session, call.recorded(), "file");
    const auto noted = co_await std::move(noting);
    if (!noted) co_return problem(noted.error());
    auto& shelf = readers->parts.shelf;
    auto opening = shelf.open_file(key_of(*session));
    auto opened = co_await std::move(opening);
    if (!opened) co_return problem(not_here(*session, readers->parts.own, opened.error()));
    ByteStream bytes;
    bytes.content_type = "application/octet-stream";
    bytes.file_name = fmt::format("{}.curfewrec", session->id.text());
    bytes.next = whole_file(shelf, std::move(*opened));
    co_return bytes;
}

boost::json::object where_of(const store::SessionFilter& filter) {
    boost::json::object where;
    if (filter.user) where["user"] = text_value(*filter.user);
    if (filter.resource) where["resource"] = text_value(*filter.resource);
    return where;
}

boost::json::object document_of(RecordingsSearched searched) {
    auto document = list_document(std::move(searched.hits),
                                  searched.next ? std::optional{to_string(*searched.next)} : std::nullopt);
    document["recordings"] = searched.recordings;
    document["missing"] = searched.missing;
    document["elsewhere"] = text_list(searched.elsewhere);
    return document;
}

Awaitable<Reply> search(ReadersPtr readers, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto filter = read_session_filter(call);
    if (!filter) co_return problem(filter.error());
    const auto terms = read_search_terms(call);
    if (!terms) co_return problem(terms.error());
    auto searcher = recording::Searcher::make(*terms);
    if (!searcher) co_return problem(searcher.error());
    const auto from = parse_search_place(page->after);
    if (!from) co_return problem(not_a_place(page->after));
    auto noting = readers->log.note_search(call.recorded(), terms->text, where_of(*filter));
    const auto noted = co_await std::move(noting);
    if (!noted) co_return problem(noted.error());
    RecordingsWanted wanted{std::move(*filter), *from, page->limit};
    auto searching = search_recordings(readers->parts.shelf, readers->parts.store, std::move(*searcher),
                                       std::move(wanted), readers->parts.own);
    auto searched = co_await std::move(searching);
    if (!searched) co_return problem(searched.error());
    co_return json_response(http::status::ok, document_of(std::move(*searched)));
}

}  // namespace

void add_recording_operations(Router& router, const RecordingParts& parts) {
    const auto readers = std::make_shared<Readers>(parts);
    router.add({http::verb::get, "/recordings", read_recordings, paged({"user", "resource", "from", "to"})},
               [&store = parts.store](Call call) { return list_recordings(store, std::move(call)); });
    router.add({http::verb::get, "/recordings/search", read_recordings,
                paged({"q", "regex", "case", "user", "resource", "from", "to"})},
               [readers](Call call) { return search(readers, std::move(call)); });
    router.add({http::verb::get, "/sessions/{id}/recording", read_recordings, paged({"format", "follow"})},
               [readers](Call call) { return read_recording(readers, std::move(call)); });
    router.add({http::verb::get, "/sessions/{id}/recording/file", read_recordings},
               [readers](Call call) { return read_recording_file(readers, std::move(call)); });
}

}  // namespace curfew::api
