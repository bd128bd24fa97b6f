#include "policy/reason_pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.hpp"

namespace curfew::policy {
namespace {

constexpr std::size_t longest_pattern = 1'000;
// Of one pattern, compiled, and of the states that matching keeps of it.
constexpr std::int64_t most_memory = 1 << 20;

}  // namespace

Result<ReasonPattern> ReasonPattern::parse(std::string_view text) {
    if (text.empty() || text.size() > longest_pattern) {
        return Error{ErrorCode::invalid,
                     fmt::format("a reason's pattern has 1 to {} bytes, and this one has {}", longest_pattern,
                                 text.size())};
    }
    RE2::Options options;
    options.set_max_mem(most_memory);
    options.set_log_errors(false);
    auto pattern = std::make_shared<const RE2>(re2::StringPiece{text.data(), text.size()}, options);
    if (pattern->ok()) return ReasonPattern{std::move(pattern)};
    const std::string where = pattern->error_arg().empty()
                                  ? std::string{}
                                  : fmt::format(", at '{}'", printable(pattern->error_arg(), 80));
    return Error{ErrorCode::invalid,
                 fmt::format("'{}' is not a regular expression: {}{}; write one in RE2's syntax, such as "
                             "\\b[A-Z]+-[0-9]+\\b for a ticket's number",
                             printable(text, 80), pattern->error(), where)};
}

bool ReasonPattern::matches(std::string_view reason) const {
    return RE2::PartialMatch(re2::StringPiece{reason.data(), reason.size()}, *pattern_);
}

const std::string& ReasonPattern::text() const noexcept {
    return pattern_->pattern();
}

}  // namespace curfew::policy
