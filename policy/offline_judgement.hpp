// Do enough of the people who may sign an offline grant stand behind this one, and may it be taken here and
// now? Pure: what verifies a signature is given.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/directory.hpp"
#include "policy/offline_grant.hpp"

namespace curfew::policy {

// Somebody who may sign. One person may have several keys, and counts once.
struct OfflineApprover {
    std::string user;  // any of the person's names
    std::string key;   // public, 32 bytes

    bool operator==(const OfflineApprover&) const = default;
};

// What an installation says of offline grants.
struct OfflineTerms {
    std::string installation;  // a name that no other installation has
    unsigned approvals = 2;    // of as many people
    Duration max_duration = std::chrono::minutes{30};
    std::vector<OfflineApprover> approvers;

    bool operator==(const OfflineTerms&) const = default;
};

// Where and when a document is to be taken.
struct OfflinePlace {
    std::string node;
    bool has_resource = false;  // the one that the document names
    WallInstant now;            // the node's own clock
};

// True if the owner of `key` signed `message`.
using VerifySignature =
    std::function<bool(std::string_view key, std::string_view message, std::string_view signature)>;

// Who stands behind a document.
struct OfflineSigners {
    std::vector<std::string> counted;  // canonical names, each once
    std::vector<std::string> remarks;  // for people: which signatures do not count, and why
};
OfflineSigners count_signers(const OfflineDocument& document, const OfflineTerms& terms,
                             const Directory& directory, const VerifySignature& verify);

struct OfflineVerdict {
    std::string user;  // canonical
    OfflineSigners signers;
};

// forbidden: not enough of the approvers signed it; conflict: not here or not now; invalid: for longer than
// is allowed, or for what does not exist. The message says what, and names every signature that does not
// count.
Result<OfflineVerdict> judge(const OfflineDocument& document, const OfflineTerms& terms,
                             const OfflinePlace& place, const Directory& directory,
                             const VerifySignature& verify);

}  // namespace curfew::policy
