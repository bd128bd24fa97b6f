// What standard output, or standard error, is, and what may be done with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace curfew::cli {

enum class Style { plain, bold, dim, green, yellow, red, cyan };

struct Terminal {
    bool is_terminal = false;
    bool color = false;
    bool utf8 = false;
    std::size_t columns = 80;  // at the time of asking
    std::size_t rows = 24;

    // `text` in that style, or as it is where there is no colour.
    std::string styled(Style style, std::string_view text) const;
};

// Looks at standard output (or another descriptor), TERM and NO_COLOR (https://no-color.org).
Terminal look_at_terminal(bool allow_color, int descriptor = 1);

}  // namespace curfew::cli
