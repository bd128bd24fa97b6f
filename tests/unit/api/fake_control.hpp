// A node without PostgreSQL, whose sessions are in memory and whose grants in a store, for tests of what
// stands in front of it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "proxy/control.hpp"

namespace curfew::test {

// Behaves as the real one does towards its callers: the same errors for the same mistakes. All members belong
// to the thread that awaits its functions.
class FakeControl final : public proxy::Control {
public:
    proxy::Awaitable<Result<store::GrantCountdown>> grant(store::NewGrant grant) override;
    proxy::Awaitable<Result<store::GrantCountdown>> revoke(GrantId id, Actor actor,
                                                           std::string reason) override;
    proxy::Awaitable<Result<store::GrantCountdown>> extend(GrantId id, Duration by, Actor actor) override;
    proxy::Awaitable<std::vector<proxy::SessionView>> sessions() override;
    proxy::Awaitable<Result<void>> kill(SessionId id, Actor actor) override;
    proxy::Awaitable<proxy::NodeStatus> status() override;
    proxy::Awaitable<Result<proxy::Diagnosis>> diagnose(std::string resource) override;
    proxy::Awaitable<Result<void>> reload(std::string actor) override;
    proxy::Awaitable<std::uint64_t> wait_for_change(std::uint64_t seen) override;
    proxy::Awaitable<proxy::OfflineStatus> offline_grants() override;
    proxy::Awaitable<Result<proxy::OfflineTaken>> take_offline_grant(std::string text, std::string actor,
                                                                     proxy::OfflineTrial trial) override;
    proxy::Awaitable<Result<store::GrantCountdown>> revoke_offline_grant(GrantId id, std::string actor,
                                                                         std::string reason) override;

    // Completes the waits for a change.
    void changed();

    // What it is told of grants that changed elsewhere: sessions under those that were revoked are ending.
    void grants_changed(const std::vector<store::GrantCountdown>& grants);

    // Where grants are kept; must be there before anything is done with them.
    store::Store* store = nullptr;
    // What the node holds, for tests to set up and to look at.
    std::vector<proxy::SessionView> live;
    proxy::NodeStatus node_status;
    proxy::OfflineStatus offline_status;
    proxy::OfflineTaken offline_taken;                   // what comes of a document that is one
    std::optional<store::GrantCountdown> offline_grant;  // the one that is not in the store
    std::vector<policy::Finding> findings;               // of every resource
    std::optional<Error> fail_with;                      // while set, whatever can fail does
    bool throw_next = false;                             // the next call throws, once
    std::vector<std::string> calls;                      // `revoke g-… by root: reason`
    std::chrono::milliseconds longest_wait{15'000};
    // How many calls of wait_for_change are under way.
    std::size_t waiting() const { return waits_.size(); }

private:
    std::optional<Error> called(std::string what);

    std::list<boost::asio::steady_timer*> waits_;
    std::uint64_t changes_ = 0;
};

}  // namespace curfew::test
