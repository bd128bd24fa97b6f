// Many sessions that end at the same instant end as each would alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

// To end so many at once is work for the processor, of which an instrumented build has so many times more.
constexpr std::size_t many = 500 / slowdown;

class TeardownAtScale : public testing::TestWithParam<AdminLogin> {
protected:
    static void SetUpTestSuite() {
        PostgresOptions options;
        options.max_connections = static_cast<int>(many) + 50;
        postgres = std::make_unique<PostgresCluster>(options);
        postgres->sql("CREATE ROLE alice LOGIN");
    }
    static void TearDownTestSuite() { postgres.reset(); }

    static inline std::unique_ptr<PostgresCluster> postgres;
};

std::string case_name(const testing::TestParamInfo<AdminLogin>& info) {
    return info.param == AdminLogin::present ? "WithAdminLogin" : "WithoutAdminLogin";
}

INSTANTIATE_TEST_SUITE_P(, TeardownAtScale, testing::Values(AdminLogin::present, AdminLogin::absent),
                         case_name);

TEST_P(TeardownAtScale, EndsManySessionsAtTheSameInstant) {
    RunningCurfew curfew{basic_config(*postgres, GetParam())};
    const GivenGrant grant = curfew.grant("alice");
    std::deque<WireClient> clients;
    for (std::size_t i = 0; i < many; ++i)
        clients.emplace_back(curfew.client()).log_in("alice", the_resource);
    curfew.log().await_all("session.admitted", many);
    ASSERT_EQ(postgres->backend_count("usename = 'alice'"), static_cast<long>(many));

    curfew.revoke(grant.id);
    for (WireClient& client : clients) {
        const Ending ending = client.read_to_end();
        EXPECT_EQ(ending.sqlstate(), "57P01");
        EXPECT_EQ(ending.end, ByteStream::End::eof);
    }
    const auto ends = curfew.log().await_all("session.ended", many, {{"cause", "grant_revoked"}});
    double worst_client = 0;
    double worst_backend = 0;
    for (const LogEvent& end : ends) {
        worst_client = std::max(worst_client, end.number("client_overstay_ms"));
        worst_backend = std::max(worst_backend, end.number("backend_overstay_ms"));
        EXPECT_EQ(end.text("confirmation"), GetParam() == AdminLogin::present ? "activity" : "eof");
    }
    RecordProperty("worst_client_overstay_ms", std::to_string(worst_client));
    RecordProperty("worst_backend_overstay_ms", std::to_string(worst_backend));
    EXPECT_LE(worst_client, within(100ms).count());
    EXPECT_EQ(postgres->backend_count("usename = 'alice'"), 0);
    EXPECT_EQ(curfew.metric("curfew_backends_unconfirmed"), 0);
}

}  // namespace
}  // namespace curfew::test
