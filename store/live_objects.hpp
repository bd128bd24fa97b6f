// What is configured while curfewd runs: users, groups, resources and rules that no file declares.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/awaitable.hpp"
#include "store/requests.hpp"

namespace curfew::store {

enum class ObjectKind { user, group, resource, rule };
std::string_view to_string(ObjectKind kind);  // `user` …
std::optional<ObjectKind> parse_object_kind(std::string_view text);

struct LiveObject {
    ObjectKind kind = ObjectKind::user;
    std::string name;
    std::string document;  // JSON text; the store does not look into it
    // Grows with every change of any object, and is never used again: also not for another object of the
    // name.
    std::uint64_t version = 0;
    std::string changed_by;
    WallInstant changed_at;

    bool operator==(const LiveObject&) const = default;
};

// One object to be put, or removed.
struct ObjectEdit {
    ObjectKind kind = ObjectKind::user;
    std::string name;
    std::optional<std::string> document;    // absent: remove it
    std::optional<std::uint64_t> expected;  // the version it must have; 0: there must be none; absent: any
};

// Called with all live objects as they are after the edits, in the transaction that makes them: says what to
// do with each open request, or by its error that the edits do not fit together with the rest. Called as a
// MakeRequest is.
using JudgeObjects = std::function<Result<ReconsiderRequest>(const std::vector<LiveObject>& objects)>;

struct ObjectsChanged {
    std::vector<LiveObject> objects;  // those that were put, in the order of the edits
    std::vector<ChangedRequest> requests;
    std::vector<GrantCountdown> grants;  // revoked, beside those of the requests
};

// Errors as Store says.
class LiveObjectStore {
public:
    virtual ~LiveObjectStore() = default;

    // By kind, then by name.
    virtual Awaitable<Result<std::vector<LiveObject>>> live_objects() = 0;
    // All edits together with what they end, in one transaction; durable when it returns. Grants of a user
    // and on a resource that are removed are revoked, and the user loses password, tokens and sign-ins: who
    // comes later by that name is somebody else. conflict: there is one, where none was expected. outdated:
    // it has another version than expected. not_found: there is none to be removed, or to have the version
    // expected. Errors of `judge` as they are.
    virtual Awaitable<Result<ObjectsChanged>> change_live_objects(std::vector<ObjectEdit> edits, Actor by,
                                                                  JudgeObjects judge) = 0;
};

}  // namespace curfew::store
