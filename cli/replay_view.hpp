// A recording's entries as a person reads them: when, what, with which parameters, and how it went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"
#include "recording/entry.hpp"
#include "recording/reader.hpp"
#include "recording/statements.hpp"

namespace curfew::cli {

// Fed with the entries in their order. What was recorded goes out without anything that could act on a
// terminal.
class ReplayView {
public:
    explicit ReplayView(const Terminal& terminal) : terminal_{terminal} {}

    // Lines, each with its line break; empty where the entry shows nothing by itself.
    std::string show(const recording::Entry& entry);

private:
    friend struct ReplayLines;

    std::string line(recording::Offset at, Style style, std::string_view text) const;
    std::string more(Style style, std::string_view text) const;
    std::string statement(recording::Offset at, std::string_view sql, std::uint64_t size,
                          bool redacted) const;
    std::string parameters(const std::vector<recording::Value>& values) const;
    // Of a statement that was parsed and not run.
    std::string prepared(recording::Offset at);

    const Terminal terminal_;
    recording::StatementBook book_;
    policy::RecordingMode mode_ = policy::RecordingMode::statements;
    std::optional<recording::entry::Parse> parsed_;  // and not run yet
    char status_ = 'I';
};

// `00:04.250`, `1:00:04.250`.
std::string format_offset(recording::Offset at);

// What a recording is as far as it was read: `The recording is complete: 120 entries, hash ab12…`.
std::string describe(const recording::Integrity& integrity, std::uint64_t entries, std::string_view hash);

}  // namespace curfew::cli
