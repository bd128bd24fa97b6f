// Two nodes, their store, a resource and a client, each on a host of its own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/network_of_hosts.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {

// The hosts are `node-1`, `node-2`, `store`, `resource` and `client`, for all tests of the program; each test
// has an empty store, and finds every link whole.
class PartitionedHosts : public testing::Test {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();
    void SetUp() override;
    void TearDown() override;

    YAML::Node config(const std::string& node, const std::string& max_staleness = "60s") const;
    // A curfewd on the host that it is called as.
    static std::unique_ptr<RunningCurfew> start(const YAML::Node& config);
    // Alice's, from the host `client`, once `curfew` has heard of her grant.
    static LiveSession open_session(RunningCurfew& curfew, const std::string& node,
                                    ByteStream::Options options = {});
    // A client's first word.
    static WireClient knock(RunningCurfew& curfew, const std::string& node);
    static bool is_ready(const RunningCurfew& curfew, const std::string& node);
    // Asked on the resource's own host, by its superuser.
    static bool is_gone(const LiveSession& session, std::chrono::milliseconds timeout = patience);

    static inline std::unique_ptr<NetworkOfHosts> net;
    static inline std::unique_ptr<PostgresCluster> store;
    static inline std::unique_ptr<PostgresCluster> resource;

    std::string database;
};

}  // namespace curfew::test
