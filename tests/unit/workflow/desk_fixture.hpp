// A desk over a real SQLite store, on a clock that moves when told to, and a node that notes what it is told.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "noted_enforcement.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/awaiting.hpp"
#include "support/temporary_directory.hpp"
#include "support/timing.hpp"
#include "workflow/desk.hpp"
#include "workflow/registry.hpp"

namespace curfew::test {

// `text` with `old`, which is there once, replaced.
std::string replaced(std::string text, const std::string& old, const std::string& by);

class DeskTest : public testing::Test {
protected:
    DeskTest();

    // What the task gives, awaited on this thread. What else the loop has to do goes on meanwhile.
    template <class T>
    T await(workflow::Awaitable<T> task) {
        return finish(context, std::move(task));
    }

    // Declares this from here on, as a reload of the file does.
    Result<void> declare(const std::string& yaml);
    // A wish for an hour, in the name of `user`.
    static policy::Wish wish(const std::string& user, Duration duration = std::chrono::hours{1});
    Result<workflow::RequestView> ask(const std::string& user, const std::string& resource = "prod",
                                      Duration duration = std::chrono::hours{1});
    Result<workflow::RequestView> approve(const policy::RequestId& id, const std::string& by,
                                          const std::string& group = {});
    Result<workflow::RequestView> reject(const policy::RequestId& id, const std::string& by);
    // The grants that the store has, over or not.
    std::vector<store::GrantCountdown> grants();

    ManualClock clock;
    boost::asio::io_context context{1};
    TemporaryDirectory directory{"curfew-desk"};
    std::shared_ptr<store::SqliteStore> store;
    NotedEnforcement node;
    std::string declared;  // YAML
    std::optional<workflow::Registry> registry;
    std::optional<workflow::Desk> desk;
};

}  // namespace curfew::test
