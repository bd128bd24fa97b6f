// Lists in the store, a page at a time.
#pragma once

#include <cstddef>
#include <string>

namespace curfew::store {

struct Page {
    std::size_t limit = 50;   // 1 to the list's largest page
    std::string cursor = {};  // a page's `next`; empty: the first page
};

}  // namespace curfew::store
