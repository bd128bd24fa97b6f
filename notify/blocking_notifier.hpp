// A notifier that sends by calls that block, on the dispatcher's pool of threads.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/fetch.hpp"
#include "http/worker_pool.hpp"
#include "notify/notifier.hpp"

namespace curfew::notify {

class BlockingNotifier : public Notifier {
public:
    // Outlives it.
    explicit BlockingNotifier(http::WorkerPool& pool) : pool_{pool} {}

    Awaitable<SendOutcome> send(Message message) final;

protected:
    // On any thread, several at a time. Blocks for `longest_attempt` at most.
    virtual SendOutcome deliver(const Message& message) = 0;

private:
    http::WorkerPool& pool_;
};

// What an answer over HTTP means: 2xx took it, 410 never will, all else may another time. `whom`: what to
// call the other side in the problem.
SendOutcome outcome_of(const Result<http::Response>& response, std::string_view whom, WallInstant now);

}  // namespace curfew::notify
