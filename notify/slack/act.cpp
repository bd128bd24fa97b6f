#include "notify/slack/act.hpp"

#include <array>
#include <utility>

namespace curfew::notify::slack {
namespace {

constexpr std::array<std::pair<Act, std::string_view>, 5> action_ids{{
    {Act::approve, "curfew_approve"},
    {Act::shorten, "curfew_shorten"},
    {Act::reject, "curfew_reject"},
    {Act::revoke, "curfew_revoke"},
    {Act::open_page, "curfew_open_page"},
}};

}  // namespace

std::string_view action_id(Act act) {
    for (const auto& [known, id] : action_ids) {
        if (known == act) return id;
    }
    return {};
}

std::optional<Act> parse_action_id(std::string_view text) {
    for (const auto& [act, id] : action_ids) {
        if (id == text) return act;
    }
    return std::nullopt;
}

}  // namespace curfew::notify::slack
