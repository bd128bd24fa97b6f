#include "store/sqlite/trail.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "store/sqlite/connection.hpp"

namespace curfew::store {
namespace {

constexpr int busy_timeout_ms = 5'000;

// Whatever somebody has put there.
ListedEvent event_of_row(SQLite::Statement& row) {
    const auto text = [&row](int column) { return row.getColumn(column).getString(); };
    ListedEvent listed;
    listed.event.number = static_cast<EventNumber>(row.getColumn(0).getInt64());
    listed.event.at = WallInstant{std::chrono::milliseconds{row.getColumn(1).getInt64()}};
    listed.event.kind = text(2);
    listed.event.id = text(3);
    listed.event.actor = text(4);
    listed.event.summary = text(5);
    const std::string hash = text(6);
    std::copy_n(hash.begin(), std::min(hash.size(), listed.hash.size()), listed.hash.begin());
    return listed;
}

}  // namespace

Result<void> read_trail(const std::filesystem::path& path,
                        const std::function<void(ListedEvent event)>& found) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        return Error{ErrorCode::not_found, "There is no store " + path.string()};
    try {
        SQLite::Database database{path.string(), SQLite::OPEN_READONLY, busy_timeout_ms};
        SQLite::Statement rows{
            database, "SELECT number, at_ms, kind, id, actor, summary, hash FROM events ORDER BY number"};
        while (rows.executeStep())
            found(event_of_row(rows));
        return {};
    } catch (const SQLite::Exception& failure) {
        return explain_sqlite(failure, path);
    }
}

}  // namespace curfew::store
