// Receipts in the store: what somebody is handed of a session that is over, signed.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "policy/grant.hpp"
#include "policy/request.hpp"
#include "store/awaitable.hpp"
#include "store/events.hpp"
#include "store/grants.hpp"
#include "store/sessions.hpp"

namespace curfew::store {

// A session that is over, and all that is on record of why it was allowed.
struct EndedSessionFile {
    ListedSession session;
    policy::Grant grant;                     // as it stands now
    std::vector<GrantExtension> extensions;  // in order
    // That gave the grant, and that extended it, in this order. None: all of it by hand.
    std::vector<policy::Request> requests;
    ChainHead head;   // the last event that there is
    WallInstant now;  // by the store's clock
};

struct SignedReceipt {
    std::string document;    // a JSON object, byte for byte as it is signed
    std::string signature;   // 64 bytes, Ed25519
    std::string public_key;  // 32 bytes
};

struct Receipt {
    SessionId session;
    SignedReceipt content;
    WallInstant issued_at;
};

// Called on the store's thread, inside the transaction that keeps what it gives: it must be quick,
// thread-safe and pure, and must not ask the store.
using WriteReceipt = std::function<SignedReceipt(const EndedSessionFile&)>;

// Errors as Store says.
class ReceiptStore {
public:
    virtual ~ReceiptStore() = default;

    // Sessions that are over and have no receipt yet, those first that began first, at most `limit`: those
    // whose end `node` recorded, and those of others that have been over for `others_after`.
    virtual Awaitable<Result<std::vector<SessionId>>> sessions_without_receipt(std::string node,
                                                                               Duration others_after,
                                                                               std::size_t limit) = 0;
    // Those of them that still have none are given theirs, in one transaction, with an event each. Gives how
    // many. Durable when it returns.
    virtual Awaitable<Result<std::size_t>> issue_receipts(std::vector<SessionId> sessions,
                                                          WriteReceipt write) = 0;
    // not_found: there is no such session, or it has none yet, as the message says.
    virtual Awaitable<Result<Receipt>> find_receipt(SessionId session) = 0;
};

}  // namespace curfew::store
