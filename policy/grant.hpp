// Grants: who may use which resource, and until when.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace curfew::policy {

// Whom a grant is for.
struct Subject {
    enum class Kind { user, group, everyone };

    Kind kind = Kind::user;
    std::string name;  // empty for everyone

    bool operator==(const Subject&) const = default;
};

// `alice`, `group:dba` or `*`, as the CLI, the API and the store write a subject.
std::string to_string(const Subject& subject);
// Reads what to_string writes. Names are 1 to 63 bytes (PostgreSQL's NAMEDATALEN - 1).
Result<Subject> parse_subject(std::string_view text);

// The time a grant is good for: [starts_at, ends_at), on the store's clock.
struct Window {
    WallInstant starts_at;
    WallInstant ends_at;

    bool operator==(const Window&) const = default;
};

// What may be done under a grant.
enum class GrantUse {
    sessions,  // connect, and do whatever PostgreSQL lets the role do
    commands,  // connect, and have each command approved before it runs
    script,    // nothing by its user: a node runs one approved script under it
    preview,   // nothing by its user: a node looks under it what a command would do
};
// Whether it is a node that connects under it, in its user's stead, and nobody else.
constexpr bool is_of_the_node(GrantUse use) {
    return use == GrantUse::script || use == GrantUse::preview;
}
std::string_view to_string(GrantUse use);
std::optional<GrantUse> parse_grant_use(std::string_view text);

// A grant as it was given and as it stands: what the store keeps and people are shown.
struct Grant {
    struct Revocation {
        WallInstant at;
        std::string by;
        std::string reason;
    };

    GrantId id;
    Subject subject;
    std::string resource;
    Window window;
    bool allow_replication = false;  // may open replication connections
    std::string reason;
    std::string given_by;
    WallInstant given_at;
    std::optional<Revocation> revoked;
    // Set once the store has seen its window pass; from then on no step of any clock brings it back.
    bool ended = false;
    // The request that gave it; absent: it was given by hand.
    std::optional<RequestId> request;
    // The rules that this request was approved under, and those for more time as well. Absent: not known, or
    // they are too many to tell.
    std::optional<std::vector<std::string>> approved_under = std::nullopt;
    // What its own credential is checked with, in the form that pg_authid keeps; absent: it has none.
    std::optional<Secret> verifier;
    GrantUse use = GrantUse::sessions;
};

enum class GrantState { upcoming, active, ended, revoked };
std::string_view to_string(GrantState state);

// A grant that is neither ended nor revoked, as a node holds it: its window turned into instants of this
// machine's boot clock. The store says how much is left; the node only counts that down.
struct LiveGrant {
    Grant grant;
    BootInstant starts;
    BootInstant ends;
    // Signed offline: it was given without the store, and stands while that is away.
    bool outlives_store = false;
};

}  // namespace curfew::policy
