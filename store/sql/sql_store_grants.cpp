#include "store/sql/sql_store.hpp"

#include <utility>

#include "store/sql/access_review.hpp"
#include "store/sql/ask.hpp"
#include "store/sql/grant_rows.hpp"
#include "store/sql/grants.hpp"
#include "store/sql/receipts.hpp"
#include "store/sql/session_list.hpp"
#include "store/sql/sessions.hpp"
#include "store/sql/timeline.hpp"

namespace curfew::store {

Awaitable<Result<GrantCountdown>> SqlStore::add_grant(NewGrant grant) {
    auto work = [grant = std::move(grant)](Connection& connection, const StoreTime& now) {
        return store::add_grant(connection, now, grant);
    };
    return ask_to_write(writer(), "add_grant", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqlStore::revoke_grant(GrantId id, Actor by, std::string reason) {
    auto work = [id = std::move(id), by = std::move(by), reason = std::move(reason)](Connection& connection,
                                                                                     const StoreTime& now) {
        return store::revoke_grant(connection, now, id, by, reason);
    };
    return ask_to_write(writer(), "revoke_grant", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqlStore::extend_grant(GrantId id, Duration more, Actor by) {
    auto work = [id = std::move(id), more, by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::extend_grant(connection, now, id, more, by);
    };
    return ask_to_write(writer(), "extend_grant", std::move(work));
}

Awaitable<Result<std::vector<GrantCountdown>>> SqlStore::grants(bool include_over) {
    auto work = [include_over](Connection& connection, const StoreTime& now) {
        return all_grants(connection, now, include_over);
    };
    return ask_to_read(reader(), "grants", std::move(work));
}

Awaitable<Result<GrantNews>> SqlStore::grant_news(std::optional<ChainHead> since) {
    auto work = [since](Connection& connection, const StoreTime& now) {
        return store::grant_news(connection, now, since);
    };
    return ask_to_read(reader(), "grant_news", std::move(work));
}

Awaitable<Result<GrantPage>> SqlStore::list_grants(GrantFilter filter, Page page) {
    auto work = [filter = std::move(filter), page = std::move(page)](Connection& connection,
                                                                     const StoreTime& now) {
        return store::list_grants(connection, now, filter, page);
    };
    return ask_to_read(reader(), "list_grants", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqlStore::find_grant(GrantId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime& now) -> Result<GrantCountdown> {
        if (auto found = store::find_grant(connection, now, id)) return std::move(*found);
        return no_such_grant(id);
    };
    return ask_to_read(reader(), "find_grant", std::move(work));
}

Awaitable<Result<std::vector<GrantCountdown>>> SqlStore::find_grants(std::vector<GrantId> ids) {
    auto work = [ids = std::move(ids)](Connection& connection,
                                       const StoreTime& now) -> Result<std::vector<GrantCountdown>> {
        return store::find_grants(connection, now, ids);
    };
    return ask_to_read(reader(), "find_grants", std::move(work));
}

Awaitable<Result<std::vector<GrantExtension>>> SqlStore::grant_extensions(GrantId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime&) {
        return list_grant_extensions(connection, id);
    };
    return ask_to_read(reader(), "grant_extensions", std::move(work));
}

Awaitable<Result<GrantCountdown>> SqlStore::set_grant_verifier(GrantId id, Secret verifier, Actor by) {
    auto work = [id = std::move(id), verifier = std::move(verifier), by = std::move(by)](
                    Connection& connection, const StoreTime& now) {
        return store::set_grant_verifier(connection, now, id, verifier, by);
    };
    return ask_to_write(writer(), "set_grant_verifier", std::move(work));
}

Awaitable<Result<void>> SqlStore::session_started(SessionRecord session) {
    auto work = [session = std::move(session)](Connection& connection, const StoreTime& now) {
        return start_session(connection, now, session);
    };
    return ask_to_write(writer(), "session_started", std::move(work));
}

Awaitable<Result<void>> SqlStore::session_ending(SessionId id, policy::EndCause cause) {
    auto work = [id = std::move(id), cause](Connection& connection, const StoreTime& now) {
        return begin_session_end(connection, now, id, cause);
    };
    return ask_to_write(writer(), "session_ending", std::move(work));
}

Awaitable<Result<void>> SqlStore::session_ended(SessionEnd end) {
    auto work = [end = std::move(end)](Connection& connection, const StoreTime& now) {
        return end_session(connection, now, end);
    };
    return ask_to_write(writer(), "session_ended", std::move(work));
}

Awaitable<Result<std::vector<SessionRecord>>> SqlStore::unfinished_sessions(std::string node) {
    auto work = [node = std::move(node)](Connection& connection, const StoreTime&) {
        return list_unfinished_sessions(connection, node);
    };
    return ask_to_read(reader(), "unfinished_sessions", std::move(work));
}

Awaitable<Result<SessionPage>> SqlStore::list_sessions(SessionFilter filter, Page page) {
    auto work = [filter = std::move(filter), page = std::move(page)](Connection& connection,
                                                                     const StoreTime&) {
        return store::list_sessions(connection, filter, page);
    };
    return ask_to_read(reader(), "list_sessions", std::move(work));
}

Awaitable<Result<std::vector<SessionId>>> SqlStore::sessions_without_receipt(std::string node,
                                                                             Duration others_after,
                                                                             std::size_t limit) {
    auto work = [node = std::move(node), others_after, limit](Connection& connection, const StoreTime& now) {
        return store::sessions_without_receipt(connection, now, node, others_after, limit);
    };
    return ask_to_read(reader(), "sessions_without_receipt", std::move(work));
}

Awaitable<Result<std::size_t>> SqlStore::issue_receipts(std::vector<SessionId> sessions, WriteReceipt write) {
    auto work = [sessions = std::move(sessions), write = std::move(write)](Connection& connection,
                                                                           const StoreTime& now) {
        return store::issue_receipts(connection, now, sessions, write);
    };
    return ask_to_write(writer(), "issue_receipts", std::move(work));
}

Awaitable<Result<Receipt>> SqlStore::find_receipt(SessionId session) {
    auto work = [session = std::move(session)](Connection& connection, const StoreTime&) {
        return store::find_receipt(connection, session);
    };
    return ask_to_read(reader(), "find_receipt", std::move(work));
}

Awaitable<Result<Timeline>> SqlStore::timeline(TimelineWanted wanted) {
    auto work = [wanted = std::move(wanted)](Connection& connection, const StoreTime& now) {
        return read_timeline(connection, now, wanted);
    };
    return ask_to_read(reader(), "timeline", std::move(work));
}

Awaitable<Result<AccessReviewPage>> SqlStore::access_review(AccessReviewWanted wanted, Page page) {
    auto work = [wanted = std::move(wanted), page = std::move(page)](Connection& connection,
                                                                     const StoreTime& now) {
        return read_access_review(connection, now, wanted, page);
    };
    return ask_to_read(reader(), "access_review", std::move(work));
}

}  // namespace curfew::store
