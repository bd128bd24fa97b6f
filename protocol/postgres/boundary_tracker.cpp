#include "protocol/postgres/boundary_tracker.hpp"

#include <algorithm>

namespace curfew::postgres {

std::size_t BoundaryTracker::to_boundary(std::string_view bytes) const {
    BoundaryTracker probe = *this;
    std::size_t position = 0;
    while (!probe.broken_) {
        if (probe.at_boundary()) return position;
        if (position == bytes.size()) return npos;
        // One step is what is left of a body or of a header, so that no boundary is stepped over.
        const std::size_t wanted = probe.body_left_ > 0 ? probe.body_left_ : header_size - probe.header_have_;
        const std::size_t step = std::min(wanted, bytes.size() - position);
        probe.advance(bytes.substr(position, step));
        position += step;
    }
    return npos;
}

}  // namespace curfew::postgres
