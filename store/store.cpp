#include "store/store.hpp"

#include <algorithm>

#include "policy/words.hpp"

namespace curfew::store {
namespace {

using policy::Words;

constexpr Words<Confirmation, 5> confirmations{{
    {Confirmation::pending, "pending"},
    {Confirmation::activity, "activity"},
    {Confirmation::eof, "eof"},
    {Confirmation::never_started, "never_started"},
    {Confirmation::unconfirmed, "unconfirmed"},
}};

constexpr Words<SessionState, 3> session_states{{
    {SessionState::live, "live"},
    {SessionState::ending, "ending"},
    {SessionState::ended, "ended"},
}};

constexpr Words<SessionOutcome, 5> session_outcomes{{
    {SessionOutcome::not_over, "not_over"},
    {SessionOutcome::by_itself, "by_itself"},
    {SessionOutcome::enforced, "enforced"},
    {SessionOutcome::unconfirmed, "unconfirmed"},
    {SessionOutcome::overstayed, "overstayed"},
}};

constexpr Words<ObjectKind, 4> object_kinds{{
    {ObjectKind::user, "user"},
    {ObjectKind::group, "group"},
    {ObjectKind::resource, "resource"},
    {ObjectKind::rule, "rule"},
}};

constexpr Words<TokenState, 3> token_states{{
    {TokenState::active, "active"},
    {TokenState::expired, "expired"},
    {TokenState::revoked, "revoked"},
}};

constexpr Words<DeliveryState, 5> delivery_states{{
    {DeliveryState::waiting, "waiting"},
    {DeliveryState::claimed, "claimed"},
    {DeliveryState::delivered, "delivered"},
    {DeliveryState::given_up, "given_up"},
    {DeliveryState::superseded, "superseded"},
}};

}  // namespace

std::string_view to_string(Confirmation confirmation) {
    return policy::word_of(confirmations, confirmation);
}

std::optional<Confirmation> parse_confirmation(std::string_view text) {
    return policy::value_of(confirmations, text);
}

std::string_view to_string(SessionState state) {
    return policy::word_of(session_states, state);
}

std::optional<SessionState> parse_session_state(std::string_view text) {
    return policy::value_of(session_states, text);
}

std::string_view to_string(SessionOutcome outcome) {
    return policy::word_of(session_outcomes, outcome);
}

std::optional<SessionOutcome> parse_session_outcome(std::string_view text) {
    return policy::value_of(session_outcomes, text);
}

std::optional<Duration> ListedSession::overstay() const {
    if (!record.ended_at) return std::nullopt;
    return std::max(Duration{*record.ended_at - deadline}, Duration::zero());
}

std::string_view to_string(ObjectKind kind) {
    return policy::word_of(object_kinds, kind);
}

std::optional<ObjectKind> parse_object_kind(std::string_view text) {
    return policy::value_of(object_kinds, text);
}

std::string_view to_string(TokenState state) {
    return policy::word_of(token_states, state);
}

std::string_view to_string(DeliveryState state) {
    return policy::word_of(delivery_states, state);
}

std::optional<DeliveryState> parse_delivery_state(std::string_view text) {
    return policy::value_of(delivery_states, text);
}

policy::GrantState GrantCountdown::state() const {
    if (grant.revoked) return policy::GrantState::revoked;
    if (grant.ended || remaining <= Duration::zero()) return policy::GrantState::ended;
    return starts_in > Duration::zero() ? policy::GrantState::upcoming : policy::GrantState::active;
}

}  // namespace curfew::store
