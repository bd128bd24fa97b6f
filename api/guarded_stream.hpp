// A stream that ends with the right to it.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "api/gate.hpp"
#include "api/http_types.hpp"
#include "api/router.hpp"
#include "base/clock.hpp"

namespace curfew::api {

// Asks again, while the stream lasts, who reads it: at most once a second, before what came since then goes
// out. Who is somebody else by now, with other groups, comes back as that and reads on where they were.
class GuardedStream {
public:
    using Next = std::function<Awaitable<std::string>()>;

    // `gate` and `clock` outlive it.
    GuardedStream(Next next, const Gate& gate, const Clock& clock, Requirement requirement, const Call& call)
        : next_{std::move(next)},
          gate_{gate},
          clock_{clock},
          requirement_{std::move(requirement)},
          request_{call.request},
          peer_{call.peer},
          principal_{call.who()},
          looked_at_{clock.boot_now()} {}

    // Throws where the right to it is over.
    Awaitable<std::string> next();

private:
    const Next next_;
    const Gate& gate_;
    const Clock& clock_;
    const Requirement requirement_;
    const Request request_;
    const Peer peer_;
    const Principal principal_;
    BootInstant looked_at_;
};

}  // namespace curfew::api
