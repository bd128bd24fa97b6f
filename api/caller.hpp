// Who sends a request, and what an operation asks of them.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew::api {

// What a token may be good for. A cookie and the Unix socket have all of them.
enum class Scope { read, request, review, admin };
inline constexpr std::array all_scopes{Scope::read, Scope::request, Scope::review, Scope::admin};
std::string_view to_string(Scope scope);

class Scopes {
public:
    constexpr Scopes() = default;
    constexpr Scopes(std::initializer_list<Scope> scopes) {
        for (const Scope scope : scopes)
            bits_ |= bit(scope);
    }
    static constexpr Scopes all() { return {Scope::read, Scope::request, Scope::review, Scope::admin}; }

    constexpr bool has(Scope scope) const noexcept { return (bits_ & bit(scope)) != 0; }
    constexpr bool shares_one_with(const Scopes& others) const noexcept {
        return (bits_ & others.bits_) != 0;
    }
    constexpr bool empty() const noexcept { return bits_ == 0; }
    bool operator==(const Scopes&) const = default;

private:
    static constexpr unsigned bit(Scope scope) noexcept { return 1U << static_cast<unsigned>(scope); }
    unsigned bits_ = 0;
};
// `read, request`; `none`.
std::string to_string(const Scopes& scopes);

// How somebody proved who they are.
enum class Via {
    socket,  // the kernel says so: an administrator of this machine
    cookie,  // signed in, from the page
    token,   // `Authorization: Bearer`
};
std::string_view to_string(Via via);

struct Caller {
    std::string name;          // the user's own, whichever they signed in by; of the socket, the system's
    std::string display_name;  // empty: not known
    bool administrator = false;
    std::vector<std::string> groups;
    Via via = Via::token;
    Scopes scopes;
    std::optional<WallInstant> expires_at;  // of what they proved it by; absent: does not

    bool is_in(std::string_view group) const;
};

// Whom an operation is for.
enum class Access {
    anyone,         // whoever reaches the server
    person,         // whoever proves who they are; the operation shows and does only what is theirs
    administrator,  // members of `administrators`, and the socket's peer
};
std::string_view to_string(Access access);

// What is asked of who calls an operation. Of `scopes` a token needs one; with none, no token will do.
struct Requirement {
    Access access = Access::administrator;
    Scopes scopes;
};

// An error where `caller` may not: `forbidden`, and why. For operations that are not for anyone.
std::optional<Error> why_not(const Caller& caller, const Requirement& requirement);

}  // namespace curfew::api
