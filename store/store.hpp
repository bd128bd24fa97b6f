// The store: where everything is kept that must outlive this process. What it acknowledged survives a crash
// at any instant.
#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/access_review.hpp"
#include "store/awaitable.hpp"
#include "store/backends.hpp"
#include "store/chat_accounts.hpp"
#include "store/deliveries.hpp"
#include "store/events.hpp"
#include "store/grants.hpp"
#include "store/idempotency.hpp"
#include "store/live_objects.hpp"
#include "store/nodes.hpp"
#include "store/people.hpp"
#include "store/receipts.hpp"
#include "store/requests.hpp"
#include "store/sessions.hpp"
#include "store/timeline.hpp"

namespace curfew::store {

// All functions may be awaited on any executor and resume there; none blocks the caller's thread. Errors:
// `unavailable` when the store cannot be reached or written (the change did not happen, or is not known to
// have happened: ask again), `not_found`, `conflict`, `invalid` as named.
class Store : public GrantStore,
              public RequestStore,
              public SessionStore,
              public ReceiptStore,
              public TimelineStore,
              public AccessReviewStore,
              public BackendStore,
              public NodeStore,
              public LiveObjectStore,
              public PeopleStore,
              public IdempotencyStore,
              public DeliveryStore,
              public ChatAccountStore,
              public EventStore {
public:
    // Writes something small and reads it back: the store is there and takes writes. Marks grants whose
    // window has passed as ended, and remembers how far the store's clock has come.
    virtual Awaitable<Result<void>> check_health() = 0;

    // 32 random bytes that were made once, with the store, and stay the same for good. Whatever has to look
    // random to strangers and yet be steady is derived from them.
    virtual Awaitable<Result<Secret>> installation_secret() = 0;
};

}  // namespace curfew::store
