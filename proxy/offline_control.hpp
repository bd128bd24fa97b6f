// What can be asked of a node about grants that were signed offline.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/grants.hpp"

namespace curfew::proxy {

// A grant that this node took.
struct OfflineGrantView {
    std::string document;  // its identifier
    GrantId grant;
    RequestId request;  // what it is, or will be, entered as
    std::string user;
    std::string resource;
    Duration duration{};
    std::string reason;
    std::vector<std::string> signers;
    std::string submitted_by;
    WallInstant taken_at;
    Duration remaining{};  // at the time of asking; zero: over
    bool revoked = false;
    bool entered = false;  // in the store
};

// What a node would take, and what it took.
struct OfflineStatus {
    struct Approver {
        std::string user;
        std::string fingerprint;
    };

    bool enabled = false;  // offline_grants is configured; else everything below is empty
    std::string installation;
    std::string node;
    unsigned approvals = 0;
    Duration max_duration{};
    std::vector<Approver> approvers;
    bool store_answers = false;  // then nothing is taken
    std::vector<OfflineGrantView> grants;
    std::size_t sessions_not_entered = 0;
};

// What became of a document that was handed in.
struct OfflineTaken {
    OfflineGrantView grant;            // without identifiers where it was only looked at
    std::vector<std::string> remarks;  // signatures that do not count, and what else there is to say
    // Where Curfew itself asks for a password: one for this grant, told once.
    std::optional<Secret> password;
};

enum class OfflineTrial { take, only_look };

// Everything here may be awaited on the control thread's executor only.
class OfflineControl {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    virtual ~OfflineControl() = default;

    virtual Awaitable<OfflineStatus> offline_grants() = 0;
    // `text`: the document or its token. Once this returns a grant, it is used up for good, and admits.
    // conflict: the store answers, it was used before, or it is not for here and now; forbidden: too few
    // approvers signed it; invalid: it is no such document, or none are taken here; unavailable: that it is
    // used could not be written down, and so it is not.
    virtual Awaitable<Result<OfflineTaken>> take_offline_grant(std::string text, std::string actor,
                                                               OfflineTrial trial) = 0;
    // Ends a grant that is not entered yet, and every session under it. not_found: there is no such grant.
    virtual Awaitable<Result<store::GrantCountdown>> revoke_offline_grant(GrantId id, std::string actor,
                                                                          std::string reason) = 0;
};

}  // namespace curfew::proxy
