#include "store/sql/sql_store.hpp"

#include <utility>

#include "store/sql/ask.hpp"
#include "store/sql/live_objects.hpp"
#include "store/sql/request_list.hpp"
#include "store/sql/requests.hpp"

namespace curfew::store {

Awaitable<Result<RequestRecord>> SqlStore::add_request(std::optional<GrantId> extends, MakeRequest make) {
    auto work = [extends = std::move(extends), make = std::move(make)](Connection& connection,
                                                                       const StoreTime& now) {
        return store::add_request(connection, now, extends, make);
    };
    return ask_to_write(writer(), "add_request", std::move(work));
}

Awaitable<Result<ChangedRequest>> SqlStore::change_request(RequestId id, ChangeRequest change) {
    auto work = [id = std::move(id), change = std::move(change)](Connection& connection,
                                                                 const StoreTime& now) {
        return store::change_request(connection, now, id, change);
    };
    return ask_to_write(writer(), "change_request", std::move(work));
}

Awaitable<Result<std::vector<ChangedRequest>>> SqlStore::change_request_and_others(RequestId id,
                                                                                   ChangeRequest change,
                                                                                   ReconsiderRequest others) {
    auto work = [id = std::move(id), change = std::move(change), others = std::move(others)](
                    Connection& connection, const StoreTime& now) {
        return store::change_request_and_others(connection, now, id, change, others);
    };
    return ask_to_write(writer(), "change_request", std::move(work));
}

Awaitable<Result<RevokedGrant>> SqlStore::revoke_grant_and_requests(GrantId id, Actor by, std::string reason,
                                                                    ReconsiderRequest requests) {
    auto work = [id = std::move(id), by = std::move(by), reason = std::move(reason),
                 requests = std::move(requests)](Connection& connection, const StoreTime& now) {
        return store::revoke_grant_and_requests(connection, now, id, by, reason, requests);
    };
    return ask_to_write(writer(), "revoke_grant", std::move(work));
}

// Nearly always nothing changes: every node asks this when it starts, and only one at a time can write.
Awaitable<Result<std::vector<ChangedRequest>>> SqlStore::change_open_requests(ReconsiderRequest reconsider) {
    auto look = [reconsider](Connection& connection, const StoreTime& now) {
        return would_change_open_requests(connection, now, reconsider);
    };
    auto looking = ask_to_read(reader(), "change_open_requests", std::move(look));
    const Result<bool> would = co_await std::move(looking);
    if (!would) co_return would.error();
    if (!*would) co_return std::vector<ChangedRequest>{};
    auto work = [reconsider = std::move(reconsider)](Connection& connection, const StoreTime& now) {
        return store::change_open_requests(connection, now, reconsider);
    };
    auto changing = ask_to_write(writer(), "change_open_requests", std::move(work));
    co_return co_await std::move(changing);
}

Awaitable<Result<std::vector<ChangedRequest>>> SqlStore::change_due_requests(ReconsiderRequest reconsider) {
    auto work = [reconsider = std::move(reconsider)](Connection& connection, const StoreTime& now) {
        return store::change_due_requests(connection, now, reconsider);
    };
    return ask_to_write(writer(), "change_due_requests", std::move(work));
}

Awaitable<Result<std::optional<BootInstant>>> SqlStore::next_due_request() {
    auto work = [](Connection& connection, const StoreTime& now) {
        return store::next_due_request(connection, now);
    };
    return ask_to_read(reader(), "next_due_request", std::move(work));
}

Awaitable<Result<WaitingRequests>> SqlStore::count_waiting_requests() {
    auto work = [](Connection& connection, const StoreTime& now) {
        return store::count_waiting_requests(connection, now);
    };
    return ask_to_read(reader(), "count_waiting_requests", std::move(work));
}

Awaitable<Result<void>> SqlStore::set_command_result(RequestId id, policy::CommandResult result) {
    auto work = [id = std::move(id), result = std::move(result)](Connection& connection,
                                                                 const StoreTime& now) {
        return store::set_command_result(connection, now, id, result);
    };
    return ask_to_write(writer(), "set_command_result", std::move(work));
}

Awaitable<Result<RequestRecord>> SqlStore::find_request(RequestId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime& now) {
        return find_request_record(connection, now, id);
    };
    return ask_to_read(reader(), "find_request", std::move(work));
}

Awaitable<Result<std::optional<RequestRecord>>> SqlStore::find_request_of(GrantId grant) {
    auto work = [grant = std::move(grant)](Connection& connection, const StoreTime& now) {
        return store::find_request_of(connection, now, grant);
    };
    return ask_to_read(reader(), "find_request_of", std::move(work));
}

Awaitable<Result<RequestPage>> SqlStore::list_requests(RequestFilter filter, Page page) {
    auto work = [filter = std::move(filter), page = std::move(page)](Connection& connection,
                                                                     const StoreTime& now) {
        return store::list_requests(connection, now, filter, page);
    };
    return ask_to_read(reader(), "list_requests", std::move(work));
}

Awaitable<Result<std::vector<LiveObject>>> SqlStore::live_objects() {
    auto work = [](Connection& connection, const StoreTime&) { return list_live_objects(connection); };
    return ask_to_read(reader(), "live_objects", std::move(work));
}

Awaitable<Result<ObjectsChanged>> SqlStore::change_live_objects(std::vector<ObjectEdit> edits, Actor by,
                                                                JudgeObjects judge) {
    auto work = [edits = std::move(edits), by = std::move(by), judge = std::move(judge)](
                    Connection& connection, const StoreTime& now) {
        return store::change_live_objects(connection, now, edits, by, judge);
    };
    return ask_to_write(writer(), "change_live_objects", std::move(work));
}

}  // namespace curfew::store
