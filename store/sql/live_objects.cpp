#include "store/sql/live_objects.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "store/sql/change_summary.hpp"
#include "store/sql/events.hpp"
#include "store/sql/grant_rows.hpp"
#include "store/sql/grants.hpp"
#include "store/sql/people.hpp"
#include "store/sql/requests.hpp"

namespace curfew::store {
namespace {

std::string named(const ObjectEdit& edit) {
    return "The live " + std::string{to_string(edit.kind)} + " '" + printable(edit.name) + "'";
}

// nullopt: there is none.
std::optional<std::uint64_t> version_of(Connection& connection, const ObjectEdit& edit) {
    Query found{connection, "SELECT version FROM live_objects WHERE kind = ? AND name = ?",
                to_string(edit.kind), edit.name};
    if (!found.next()) return std::nullopt;
    return static_cast<std::uint64_t>(found.integer(0));
}

// nullopt: there is none.
std::optional<std::string> document_of(Connection& connection, const ObjectEdit& edit) {
    Query found{connection, "SELECT document FROM live_objects WHERE kind = ? AND name = ?",
                to_string(edit.kind), edit.name};
    if (!found.next()) return std::nullopt;
    return found.text(0);
}

Result<void> check(Connection& connection, const ObjectEdit& edit) {
    if (edit.name.empty()) return Error{ErrorCode::invalid, "A live object must have a name"};
    if (edit.document && edit.document->empty())
        return Error{ErrorCode::invalid, named(edit) + " must have a document"};
    const auto version = version_of(connection, edit);
    const bool wanted = !edit.document || edit.expected.value_or(0) != 0;
    if (!version && wanted) return Error{ErrorCode::not_found, named(edit) + " does not exist"};
    if (version && edit.expected == 0U)
        return Error{ErrorCode::conflict,
                     named(edit) + " exists already; change that one, or remove it first"};
    if (version && edit.expected && *edit.expected != *version) {
        return Error{ErrorCode::outdated,
                     named(edit) +
                         " was changed by somebody else since it was read; read it again "
                         "and repeat the change"};
    }
    return {};
}

LiveObject put(Connection& connection, const StoreTime& now, const ObjectEdit& edit, const Actor& by) {
    const std::string kind{to_string(edit.kind)};
    const EventNumber version = record_event(connection, now, kind + ".changed", edit.name, by,
                                             change_summary(document_of(connection, edit), edit.document));
    LiveObject object{edit.kind, edit.name, *edit.document, version, by.name, now.in_milliseconds()};
    // What a predecessor's last sign-in may have left, at the very moment that they were removed.
    if (edit.kind == ObjectKind::user && !version_of(connection, edit))
        forget_person(connection, now, edit.name, by);
    Query{connection,
          "INSERT INTO live_objects (kind, name, document, version, changed_by, changed_at_ms) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document, "
          "version = excluded.version, changed_by = excluded.changed_by, "
          "changed_at_ms = excluded.changed_at_ms",
          kind,
          object.name,
          object.document,
          object.version,
          object.changed_by,
          object.changed_at}
        .run();
    return object;
}

void remove(Connection& connection, const StoreTime& now, const ObjectEdit& edit, const Actor& by) {
    const std::string kind{to_string(edit.kind)};
    const boost::json::object summary = change_summary(document_of(connection, edit), std::nullopt);
    Query{connection, "DELETE FROM live_objects WHERE kind = ? AND name = ?", kind, edit.name}.run();
    record_event(connection, now, kind + ".removed", edit.name, by, summary);
    if (edit.kind == ObjectKind::user) forget_person(connection, now, edit.name, by);
}

// Without its user or its resource: whatever has that name later is another.
bool is_bereft(const policy::Grant& grant, const std::vector<ObjectEdit>& edits) {
    const policy::Subject& subject = grant.subject;
    return std::any_of(edits.begin(), edits.end(), [&](const ObjectEdit& edit) {
        if (edit.document) return false;
        if (edit.kind == ObjectKind::resource) return edit.name == grant.resource;
        return edit.kind == ObjectKind::user && subject.kind == policy::Subject::Kind::user &&
               edit.name == subject.name;
    });
}

Result<std::vector<GrantCountdown>> revoke_bereft_grants(Connection& connection, const StoreTime& now,
                                                         const std::vector<ObjectEdit>& edits,
                                                         const Actor& by) {
    const auto grants = all_grants(connection, now, false);
    if (!grants) return grants.error();
    std::vector<GrantCountdown> revoked;
    for (const GrantCountdown& one : *grants) {
        if (!is_bereft(one.grant, edits)) continue;
        auto gone = revoke_grant(connection, now, one.grant.id, by, "its user or its resource was removed");
        if (!gone) return gone.error();
        revoked.push_back(std::move(*gone));
    }
    return revoked;
}

}  // namespace

Result<std::vector<LiveObject>> list_live_objects(Connection& connection) {
    Query rows{connection,
               "SELECT kind, name, document, version, changed_by, changed_at_ms FROM live_objects "
               "ORDER BY kind, name"};
    std::vector<LiveObject> objects;
    while (rows.next()) {
        const auto kind = parse_object_kind(rows.text(0));
        if (!kind) throw std::runtime_error("The store holds a live object of no kind that there is");
        objects.push_back({*kind, rows.text(1), rows.text(2), static_cast<std::uint64_t>(rows.integer(3)),
                           rows.text(4), rows.instant(5)});
    }
    return objects;
}

Result<ObjectsChanged> change_live_objects(Connection& connection, const StoreTime& now,
                                           const std::vector<ObjectEdit>& edits, const Actor& by,
                                           const JudgeObjects& judge) {
    ObjectsChanged changed;
    for (const ObjectEdit& edit : edits) {
        if (auto sound = check(connection, edit); !sound) return sound.error();
        if (edit.document) {
            changed.objects.push_back(put(connection, now, edit, by));
        } else {
            remove(connection, now, edit, by);
        }
    }
    const auto objects = list_live_objects(connection);
    if (!objects) return objects.error();
    const auto reconsider = judge(*objects);
    if (!reconsider) return reconsider.error();
    auto requests = change_open_requests(connection, now, *reconsider);
    if (!requests) return requests.error();
    changed.requests = std::move(*requests);
    auto grants = revoke_bereft_grants(connection, now, edits, by);
    if (!grants) return grants.error();
    changed.grants = std::move(*grants);
    return changed;
}

}  // namespace curfew::store
