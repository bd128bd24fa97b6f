#include "store/sql/connection.hpp"

namespace curfew::store {

WallInstant Query::instant(int column) const {
    return WallInstant{WallInstant::duration{integer(column)}};
}

std::optional<WallInstant> Query::optional_instant(int column) const {
    if (is_null(column)) return std::nullopt;
    return instant(column);
}

Duration Query::milliseconds(int column) const {
    return std::chrono::milliseconds{integer(column)};
}

std::optional<Duration> Query::optional_milliseconds(int column) const {
    if (is_null(column)) return std::nullopt;
    return milliseconds(column);
}

}  // namespace curfew::store
