// A regular expression that a request's reason must match, such as a ticket's number.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace curfew::policy {

// RE2's syntax: matching takes time linear in the reason's length, whatever the pattern.
class ReasonPattern {
public:
    // invalid: not a regular expression; says where.
    static Result<ReasonPattern> parse(std::string_view text);

    // Found anywhere in the reason; anchors make it the whole.
    bool matches(std::string_view reason) const;
    const std::string& text() const noexcept;

    bool operator==(const ReasonPattern& other) const { return text() == other.text(); }

private:
    explicit ReasonPattern(std::shared_ptr<const re2::RE2> pattern) : pattern_{std::move(pattern)} {}
    std::shared_ptr<const re2::RE2> pattern_;
};

}  // namespace curfew::policy
