#include "store/store.hpp"

#include <array>
#include <utility>

namespace curfew::store {
namespace {

template <class Enum, std::size_t size>
using Names = std::array<std::pair<Enum, std::string_view>, size>;

constexpr Names<Confirmation, 5> confirmations{{
    {Confirmation::pending, "pending"},
    {Confirmation::activity, "activity"},
    {Confirmation::eof, "eof"},
    {Confirmation::never_started, "never_started"},
    {Confirmation::unconfirmed, "unconfirmed"},
}};

constexpr Names<SessionState, 3> session_states{{
    {SessionState::live, "live"},
    {SessionState::ending, "ending"},
    {SessionState::ended, "ended"},
}};

template <class Enum, std::size_t size>
std::string_view name_of(const Names<Enum, size>& names, Enum value) {
    for (const auto& [candidate, name] : names) {
        if (candidate == value) return name;
    }
    return {};
}

template <class Enum, std::size_t size>
std::optional<Enum> value_of(const Names<Enum, size>& names, std::string_view text) {
    for (const auto& [value, name] : names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Confirmation confirmation) {
    return name_of(confirmations, confirmation);
}

std::optional<Confirmation> parse_confirmation(std::string_view text) {
    return value_of(confirmations, text);
}

std::string_view to_string(SessionState state) {
    return name_of(session_states, state);
}

std::optional<SessionState> parse_session_state(std::string_view text) {
    return value_of(session_states, text);
}

policy::GrantState GrantCountdown::state() const {
    if (grant.revoked) return policy::GrantState::revoked;
    if (grant.ended || remaining <= Duration::zero()) return policy::GrantState::ended;
    return starts_in > Duration::zero() ? policy::GrantState::upcoming : policy::GrantState::active;
}

}  // namespace curfew::store
