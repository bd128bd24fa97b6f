// Places in a text that are to be taken out of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::recording {

struct TextRange {
    std::size_t begin = 0;
    std::size_t end = 0;  // behind it
};

// `text` with `mark` in the place of each range; those that overlap or touch become one. Ranges may come in
// any order, and lie within the text.
inline std::string without_ranges(std::string_view text, std::vector<TextRange> ranges,
                                  std::string_view mark) {
    std::sort(ranges.begin(), ranges.end(),
              [](const TextRange& one, const TextRange& other) { return one.begin < other.begin; });
    std::string out;
    std::size_t at = 0;
    bool marked = false;
    for (const TextRange& range : ranges) {
        if (!marked || range.begin > at) {
            out.append(text.substr(at, range.begin - at)).append(mark);
            marked = true;
        }
        at = std::max(at, range.end);
    }
    out.append(text.substr(at));
    return out;
}

}  // namespace curfew::recording
