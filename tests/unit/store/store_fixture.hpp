// A store of the test's own, on a clock that moves when told to.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/store.hpp"
#include "store_backend.hpp"
#include "support/awaiting.hpp"

namespace curfew::test {

// What `tasks` give, all awaited at a time on this thread.
template <class T>
std::vector<T> await_all(std::vector<store::Awaitable<T>> tasks) {
    boost::asio::io_context context{1};
    std::vector<std::future<T>> futures;
    futures.reserve(tasks.size());
    for (auto& task : tasks)
        futures.push_back(start(context, std::move(task)));
    context.run_for(patience);
    std::vector<T> results;
    for (auto& future : futures) {
        if (!is_over(future)) throw std::runtime_error("the store did not answer");
        results.push_back(future.get());
    }
    return results;
}

// Every session that was ever started, page by page.
std::vector<store::SessionRecord> all_sessions(store::Store& store);

template <class T>
T await(store::Awaitable<T> task) {
    return finish_alone(std::move(task));
}

store::NewGrant new_grant(const std::string& user = "alice", Duration length = std::chrono::hours{1});
// A session of alice's under `grant`, everything in it distinct.
store::SessionRecord new_session(const GrantId& grant, const std::string& node = "node-a");

class StoreTest : public testing::Test {
protected:
    // Opens the store again, after closing it as the end of a process would.
    void reopen();
    void close() { store.reset(); }

    store::GrantCountdown give(const store::NewGrant& grant = new_grant());
    // What the store has of this grant, over or not.
    store::GrantCountdown look_up(const GrantId& id);
    std::vector<GrantId> current_grants();

    // A session under a new grant, recorded as live.
    store::SessionRecord start(const std::string& node = "node-a");
    store::SessionRecord look_up(const SessionId& id);

    SteeredClock clock;
    std::unique_ptr<StoreBackend> store_backend = make_store_backend(clock);
    std::shared_ptr<store::Store> store = store_backend->open();
};

}  // namespace curfew::test
