// What those who decide see of a command before it runs: what PostgreSQL would do.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace curfew::policy {

enum class PreviewMode {
    off,
    explain,  // the plans, as EXPLAIN gives them; nothing is run
    dry_run,  // what can only change rows is run in a transaction that is rolled back; of all else the plans
};
std::string_view to_string(PreviewMode mode);  // `dry_run`
std::optional<PreviewMode> parse_preview_mode(std::string_view text);

// Of several rules that decide, the one that shows most.
constexpr PreviewMode stronger_of(PreviewMode one, PreviewMode other) {
    return one < other ? other : one;
}

struct Preview {
    // The most of it that is kept, in bytes.
    static constexpr std::size_t longest_text = 64U << 10U;

    PreviewMode mode = PreviewMode::explain;  // how it was made; never off
    std::string text;                         // UTF-8, lines; of one that failed also why
    bool failed = false;                      // something of it could not be shown

    bool operator==(const Preview&) const = default;
};

}  // namespace curfew::policy
