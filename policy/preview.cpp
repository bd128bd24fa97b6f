#include "policy/preview.hpp"

#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr Words<PreviewMode, 3> preview_modes{{
    {PreviewMode::off, "off"},
    {PreviewMode::explain, "explain"},
    {PreviewMode::dry_run, "dry_run"},
}};

}  // namespace

std::string_view to_string(PreviewMode mode) {
    return word_of(preview_modes, mode);
}

std::optional<PreviewMode> parse_preview_mode(std::string_view text) {
    return value_of(preview_modes, text);
}

}  // namespace curfew::policy
