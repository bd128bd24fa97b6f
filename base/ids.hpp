// Names for things that have no name of their own: grants, sessions, requests, tokens, deliveries.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace curfew {

namespace detail {
// 8 characters of Crockford's base 32 (40 random bits, lower case, no i l o u) from the system's CSPRNG.
std::string random_id_text();
bool is_id_text(std::string_view text, char prefix);
}  // namespace detail

// An identifier such as `g-7k3mq9xd`: a letter for its kind, then 8 random characters. Short enough to be
// read out on the telephone, never reused, and held inline by std::string (no allocation).
template <char Prefix>
class Id {
public:
    Id() = default;

    static Id generate() { return Id{std::string{Prefix, '-'} + detail::random_id_text()}; }

    // nullopt if `text` is not of this kind's form. Lower case only: identifiers are compared byte for
    // byte.
    static std::optional<Id> parse(std::string_view text) {
        if (!detail::is_id_text(text, Prefix)) return std::nullopt;
        return Id{std::string{text}};
    }

    const std::string& text() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
    auto operator<=>(const Id&) const = default;

private:
    explicit Id(std::string text) : text_{std::move(text)} {}
    std::string text_;
};

using GrantId = Id<'g'>;
using SessionId = Id<'s'>;
using RequestId = Id<'r'>;
using TokenId = Id<'t'>;
using DeliveryId = Id<'d'>;

}  // namespace curfew

template <char Prefix>
struct std::hash<curfew::Id<Prefix>> {
    std::size_t operator()(const curfew::Id<Prefix>& id) const noexcept {
        return std::hash<std::string>{}(id.text());
    }
};
