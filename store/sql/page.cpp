#include "store/sql/page.hpp"

#include <charconv>
#include <limits>

#include "base/text.hpp"

namespace curfew::store {

Result<RowPlace> begin_of(const Page& page, std::size_t largest) {
    if (page.limit == 0 || page.limit > largest)
        return Error{ErrorCode::invalid, "A page has 1 to " + std::to_string(largest) + " entries"};
    const std::string& cursor = page.cursor;
    if (cursor.empty()) return std::numeric_limits<RowPlace>::max();
    RowPlace place = 0;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), place);
    if (error == std::errc{} && end == cursor.data() + cursor.size() && place > 0) return place;
    return Error{ErrorCode::invalid, "'" + printable(cursor, 40) +
                                         "' is not where a list can go on; take the one that came with the "
                                         "page before, or begin without one"};
}

std::string cursor_after(RowPlace place) {
    return std::to_string(place);
}

}  // namespace curfew::store
