// What is to be done once, however often it is sent: the Idempotency-Key header.
#pragma once

#include "api/http_types.hpp"
#include "api/router.hpp"
#include "store/idempotency.hpp"

namespace curfew::api {

class Idempotency {
public:
    // `store` must outlive this.
    explicit Idempotency(store::IdempotencyStore& store) : store_{store} {}

    // Has `handler` answer `call`, and keeps that under the call's key: the same call by the same person gets
    // the kept answer from then on, for store::idempotency_lifetime. What was refused was not done, and may
    // be sent again under its key. A member `secret` of an answer is kept as null. Without a key it is
    // done each time. 409: the first one is under way, nobody knows what became of it, or the key was used
    // for something else.
    Awaitable<Reply> once(Call call, Router::Handler handler) const;

private:
    Awaitable<Reply> begin(store::IdempotentRequest request, Call call, Router::Handler handler) const;

    store::IdempotencyStore& store_;
};

}  // namespace curfew::api
