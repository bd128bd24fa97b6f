// Scopes: what a token may be used for. A token never gives more than its owner may at that moment.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace curfew::identity {

enum class Scope {
    read,     // see what its owner sees; every other scope has it too
    request,  // ask for access, extend, cancel and revoke what its owner asked for, fetch a grant's
              // credential
    review,   // approve and reject, and revoke as a reviewer
    admin,    // what administrators do, as long as its owner is one
};
inline constexpr std::array all_scopes{Scope::read, Scope::request, Scope::review, Scope::admin};
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

class Scopes {
public:
    Scopes() = default;
    Scopes(std::initializer_list<Scope> scopes) {
        for (const Scope scope : scopes)
            add(scope);
    }
    static Scopes all();

    void add(Scope scope) noexcept { bits_ |= bit(scope) | bit(Scope::read); }
    bool has(Scope scope) const noexcept { return (bits_ & bit(scope)) != 0; }
    bool has_all_of(const Scopes& others) const noexcept { return (others.bits_ & ~bits_) == 0; }
    bool empty() const noexcept { return bits_ == 0; }
    // In the order of all_scopes.
    std::vector<Scope> list() const;

    bool operator==(const Scopes&) const = default;

private:
    static std::uint8_t bit(Scope scope) noexcept {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(scope));
    }
    std::uint8_t bits_ = 0;
};

// `read request`, as they are kept and shown.
std::string to_string(const Scopes& scopes);
// Reads that. invalid: a word that is no scope, or none at all.
Result<Scopes> parse_scopes(std::string_view text);

}  // namespace curfew::identity
