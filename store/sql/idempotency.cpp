#include "store/sql/idempotency.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/text.hpp"
#include "store/sql/checked_text.hpp"

namespace curfew::store {
namespace {

void delete_expired(Connection& connection, const StoreTime& now) {
    Query{connection, "DELETE FROM idempotency WHERE at_ms <= ?",
          now.in_milliseconds() - std::chrono::floor<WallInstant::duration>(idempotency_lifetime)}
        .run();
}

// Leaves the actor's newest, so that one more makes as many as there may be.
void make_room(Connection& connection, const std::string& actor) {
    Query{
        connection,
        "DELETE FROM idempotency WHERE actor = ? AND key NOT IN (SELECT key FROM idempotency WHERE actor = ? "
        "ORDER BY at_ms DESC, rowid DESC LIMIT ?)",
        actor, actor, std::uint64_t{most_idempotent_of_actor - 1}}
        .run();
}

bool is_same(const Query& row, const IdempotentRequest& request) {
    const std::string hash = row.text(2);
    return row.text(0) == request.method && row.text(1) == request.path &&
           std::equal(hash.begin(), hash.end(), request.body_hash.begin(), request.body_hash.end(),
                      [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
}

// What is known of the key; an Error if it cannot be used.
Result<std::optional<IdempotentAnswer>> look_up(const Query& row, const IdempotentRequest& request) {
    const std::string key = "The Idempotency-Key '" + printable(request.key, 40) + "'";
    if (!is_same(row, request)) {
        return Error{ErrorCode::invalid,
                     key + " was used for another request; use a key once, for one thing"};
    }
    if (row.is_null(3)) {
        return Error{ErrorCode::conflict,
                     key +
                         " belongs to a request that is under way, or was cut off: ask again later, or look "
                         "at what became of it and use another key"};
    }
    return std::optional{IdempotentAnswer{static_cast<unsigned>(row.integer(3)), row.text(4)}};
}

}  // namespace

Result<std::optional<IdempotentAnswer>> begin_idempotent(Connection& connection, const StoreTime& now,
                                                         const IdempotentRequest& request) {
    if (request.key.empty() || request.key.size() > longest_idempotency_key) {
        return Error{ErrorCode::invalid, "An Idempotency-Key has 1 to " +
                                             std::to_string(longest_idempotency_key) + " characters"};
    }
    delete_expired(connection, now);
    {
        Query known{connection,
                    "SELECT method, path, body_hash, status, body FROM idempotency "
                    "WHERE actor = ? AND key = ?",
                    request.actor, request.key};
        if (known.next()) return look_up(known, request);
    }
    make_room(connection, request.actor);
    Query{connection,
          "INSERT INTO idempotency (actor, key, method, path, body_hash, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
          request.actor,
          request.key,
          request.method,
          request.path,
          request.body_hash,
          now.in_milliseconds()}
        .run();
    return std::optional<IdempotentAnswer>{};
}

Result<void> finish_idempotent(Connection& connection, const std::string& actor, const std::string& key,
                               const IdempotentAnswer& answer) {
    const bool too_large = answer.body.size() > largest_idempotent_body;
    Query kept{connection,
               "UPDATE idempotency SET status = ?, body = ? WHERE actor = ? AND key = ? AND status IS NULL",
               std::int64_t{answer.status},
               too_large ? std::string{} : answer.body,
               actor,
               key};
    if (kept.run() > 0) return {};
    return Error{ErrorCode::not_found,
                 "Nothing is under way by the Idempotency-Key '" + printable(key, 40) + "'"};
}

Result<void> abandon_idempotent(Connection& connection, const std::string& actor, const std::string& key) {
    Query{connection, "DELETE FROM idempotency WHERE actor = ? AND key = ? AND status IS NULL", actor, key}
        .run();
    return {};
}

Result<bool> remember_once(Connection& connection, const StoreTime& now, const std::string& key,
                           Duration lifetime) {
    if (auto sound = check_text("A key that is good once", key, longest_idempotency_key); !sound)
        return sound.error();
    if (lifetime <= Duration::zero() || lifetime > idempotency_lifetime)
        return Error{ErrorCode::invalid, "A key that is good once is remembered for a day at most"};
    const WallInstant at = now.in_milliseconds();
    Query{connection, "DELETE FROM seen_once WHERE until_ms <= ?", at}.run();
    Query added{connection,
                "INSERT INTO seen_once (key, until_ms) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key,
                at + std::chrono::ceil<WallInstant::duration>(lifetime)};
    return added.run() > 0;
}

}  // namespace curfew::store
