// An Entry as a line of JSON and back: what a recording's frames hold (docs/recording-format.md), and what
// everybody is shown who asks for a recording as it is.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "recording/entry.hpp"

namespace curfew::recording {

// The words for the kinds of entries, in the order of entry::Content. They stand in files that are kept for
// years: never change one.
inline constexpr std::array<std::string_view, std::variant_size_v<entry::Content>> entry_kinds{
    "started",           "query",        "parse",   "bind",   "execute",
    "function_call",     "cancel_asked", "columns", "row",    "copy_started",
    "copy_ended",        "completed",    "failed",  "notice", "notified",
    "parameter_changed", "ready",        "gap",     "ended"};
static_assert(!entry_kinds.back().empty());

// The word for its kind: `query`, `copy_started`, `completed`.
std::string_view kind_of(const entry::Content& content);

// Appends `{"at":1500,"kind":"query","sql":"SELECT 1"}`, without a line feed. Always UTF-8: text that is not
// goes in as base64. Members that have their usual value are left out. No allocation but that of `out`.
void append_json(std::string& out, const Entry& entry);
std::string to_json(const Entry& entry);

// Reads what append_json writes; members that are not known are passed over, those that are missing have
// their usual value, and a kind that is not known becomes a Gap that names it: a later Curfew wrote it.
// invalid: no JSON, no entry, or a member of the wrong type.
Result<Entry> read_entry(std::string_view line);

}  // namespace curfew::recording
