// How a grant that was signed offline is entered once the store is back: as a request that is APPROVED, with
// its signatures as reviews, and a review due. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/offline_grant.hpp"
#include "policy/request.hpp"

namespace curfew::policy {

// What a signature counts for, where a review counts for a group.
inline constexpr std::string_view offline_signature = "offline signature";

// A document that a node took.
struct OfflineAcceptance {
    OfflineDocument document;
    std::string user;                  // canonical
    std::vector<std::string> signers;  // canonical; those who counted
    GrantId grant;                     // what it gave
    RequestId request;                 // what it is to be entered as

    bool operator==(const OfflineAcceptance&) const = default;
};

// `accepted_at`: on the store's clock.
Request entered_request(const OfflineAcceptance& acceptance, WallInstant accepted_at);

}  // namespace curfew::policy
