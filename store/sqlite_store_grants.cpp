#include "store/sqlite_store.hpp"

#include <utility>

#include "store/ask.hpp"
#include "store/sqlite_grant_rows.hpp"
#include "store/sqlite_grants.hpp"
#include "store/sqlite_sessions.hpp"

namespace curfew::store {

Awaitable<Result<GrantCountdown>> SqliteStore::add_grant(NewGrant grant) {
    auto work = [grant = std::move(grant)](Connection& connection, const StoreTime& now) {
        return store::add_grant(connection, now, grant);
    };
    return ask_to_write(*queue_, "add_grant", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqliteStore::revoke_grant(GrantId id, std::string by, std::string reason) {
    auto work = [id = std::move(id), by = std::move(by), reason = std::move(reason)](Connection& connection,
                                                                                     const StoreTime& now) {
        return store::revoke_grant(connection, now, id, by, reason);
    };
    return ask_to_write(*queue_, "revoke_grant", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqliteStore::extend_grant(GrantId id, Duration more, std::string by) {
    auto work = [id = std::move(id), more, by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::extend_grant(connection, now, id, more, by);
    };
    return ask_to_write(*queue_, "extend_grant", std::move(work));
}

Awaitable<Result<std::vector<GrantCountdown>>> SqliteStore::grants(bool include_over) {
    auto work = [include_over](Connection& connection, const StoreTime& now) {
        return all_grants(connection, now, include_over);
    };
    return ask_to_read(*queue_, "grants", std::move(work));
}

Awaitable<Result<GrantPage>> SqliteStore::list_grants(GrantFilter filter, Page page) {
    auto work = [filter = std::move(filter), page = std::move(page)](Connection& connection,
                                                                     const StoreTime& now) {
        return store::list_grants(connection, now, filter, page);
    };
    return ask_to_read(*queue_, "list_grants", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqliteStore::find_grant(GrantId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime& now) -> Result<GrantCountdown> {
        if (auto found = store::find_grant(connection, now, id)) return std::move(*found);
        return no_such_grant(id);
    };
    return ask_to_read(*queue_, "find_grant", std::move(work));
}

Awaitable<Result<std::vector<GrantExtension>>> SqliteStore::grant_extensions(GrantId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime&) {
        return list_grant_extensions(connection, id);
    };
    return ask_to_read(*queue_, "grant_extensions", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqliteStore::set_grant_verifier(GrantId id, Secret verifier,
                                                                  std::string by) {
    auto work = [id = std::move(id), verifier = std::move(verifier), by = std::move(by)](
                    Connection& connection, const StoreTime& now) {
        return store::set_grant_verifier(connection, now, id, verifier, by);
    };
    return ask_to_write(*queue_, "set_grant_verifier", std::move(work));
}

Awaitable<Result<void>> SqliteStore::session_started(SessionRecord session) {
    auto work = [session = std::move(session)](Connection& connection, const StoreTime& now) {
        return start_session(connection, now, session);
    };
    return ask_to_write(*queue_, "session_started", std::move(work));
}

Awaitable<Result<void>> SqliteStore::session_ending(SessionId id, policy::EndCause cause) {
    auto work = [id = std::move(id), cause](Connection& connection, const StoreTime& now) {
        return begin_session_end(connection, now, id, cause);
    };
    return ask_to_write(*queue_, "session_ending", std::move(work));
}

Awaitable<Result<void>> SqliteStore::session_ended(SessionEnd end) {
    auto work = [end = std::move(end)](Connection& connection, const StoreTime& now) {
        return end_session(connection, now, end);
    };
    return ask_to_write(*queue_, "session_ended", std::move(work));
}

Awaitable<Result<std::vector<SessionRecord>>> SqliteStore::unfinished_sessions(std::string) {
    auto work = [](Connection& connection, const StoreTime&) { return list_unfinished_sessions(connection); };
    return ask_to_read(*queue_, "unfinished_sessions", std::move(work));
}

Awaitable<Result<SessionPage>> SqliteStore::list_sessions(Page page) {
    auto work = [page = std::move(page)](Connection& connection, const StoreTime&) {
        return store::list_sessions(connection, page);
    };
    return ask_to_read(*queue_, "list_sessions", std::move(work));
}

}  // namespace curfew::store
