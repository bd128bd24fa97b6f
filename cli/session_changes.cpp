#include "cli/session_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/output.hpp"

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using Kind = SessionChange::Kind;

const SessionRow* find(const std::vector<SessionRow>& rows, const std::string& id) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const SessionRow& row) { return row.id == id; });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::vector<SessionChange> session_changes(const std::vector<SessionRow>& before,
                                           const std::vector<SessionRow>& after) {
    std::vector<SessionChange> changes;
    for (const SessionRow& row : after) {
        const SessionRow* earlier = find(before, row.id);
        if (earlier == nullptr) changes.push_back({Kind::started, row, {}});
        if (row.phase == "ending" && (earlier == nullptr || earlier->phase != "ending")) {
            changes.push_back({Kind::ending, row, {}});
        } else if (earlier != nullptr) {
            const Duration by = row.ends_at - earlier->ends_at;
            if (by >= 1s || by <= -1s) changes.push_back({Kind::moved, row, by});
        }
    }
    for (const SessionRow& row : before) {
        if (find(after, row.id) == nullptr) changes.push_back({Kind::ended, row, {}});
    }
    return changes;
}

std::string describe(const SessionChange& change, BootInstant now, NameNode node) {
    const SessionRow& row = change.session;
    auto who = fmt::format("{} {} {} {}", row.id, row.user, row.place, row.client);
    if (node == NameNode::yes) who += " on " + row.node;
    switch (change.kind) {
        case Kind::started:
            return fmt::format("started  {}, {} left", who, format_left(row.left(now)));
        case Kind::ending:
            return fmt::format("ending   {}, {}", who, row.cause.empty() ? "its right is over" : row.cause);
        case Kind::ended:
            return fmt::format("ended    {}", who);
        case Kind::moved:
            return fmt::format("moved    {}, {}{}, {} left", who, change.by < Duration::zero() ? "" : "+",
                               format_left(change.by), format_left(row.left(now)));
    }
    return who;
}

}  // namespace curfew::cli
