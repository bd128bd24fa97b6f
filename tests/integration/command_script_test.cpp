// A script that was approved is run by a node itself: once, as it was approved, within its time. With a real
// PostgreSQL behind a real curfewd.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <future>

#include "command_fixture.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::Ne;
namespace json = boost::json;

// So many a node runs at a time; the others wait.
constexpr std::size_t most_at_a_time = 16;

std::string text_in(const json::value& object, const char* name) {
    return json::value_to<std::string>(object.at(name));
}

class Scripts : public ByCommand {
protected:
    std::string approved(const std::string& sql, const std::string& length = "1h") {
        const std::string request = office().ask_to_run(sql, length);
        office().approve(request);
        return request;
    }
    // Approves one that goes on for as long as it is let, and returns once it is at it: the request.
    std::string running(const std::string& length = "1h") {
        const std::string request =
            approved("INSERT INTO orders VALUES (1, 'a'); SELECT pg_sleep(600)", length);
        EXPECT_TRUE(postgres.await(std::string{"count(*) = 1"} + of_script + " AND wait_event = 'PgSleep'"));
        return request;
    }
    void expect_gone(const std::string& request) {
        EXPECT_TRUE(postgres.await(std::string{"count(*) = 0"} + of_script)) << "its backend is still there";
        EXPECT_THAT(text_in(result_of(request), "outcome"), Ne("succeeded"));
        EXPECT_EQ(orders(), 0) << "it was one transaction";
    }

    static constexpr const char* of_script = " FROM pg_stat_activity WHERE usename = 'alice'";
};

TEST_F(Scripts, KeepWhatTheyPrinted) {
    const std::string request =
        approved("INSERT INTO orders VALUES (7, 'seven'); SELECT id, note FROM orders;");
    const json::value result = result_of(request);
    EXPECT_EQ(text_in(result, "outcome"), "succeeded");
    EXPECT_EQ(text_in(result.at("parts").at(0), "tag"), "INSERT 0 1");
    const json::value& selected = result.at("parts").at(1);
    EXPECT_EQ(selected.at("columns"), (json::array{"id", "note"}));
    EXPECT_EQ(selected.at("rows"), json::parse(R"([["7","seven"]])"));
    EXPECT_EQ(orders(), 1);
    EXPECT_EQ(status(request), "EXECUTED, command_run");
}

TEST_F(Scripts, KeepTheErrorTheyFailedWith) {
    const json::value result =
        result_of(approved("INSERT INTO orders VALUES (7, 'seven');\nSELECT * FROM nowhere;"));
    EXPECT_EQ(text_in(result, "outcome"), "failed");
    EXPECT_EQ(text_in(result, "sqlstate"), "42P01");
    EXPECT_THAT(text_in(result, "message"), HasSubstr("relation \"nowhere\" does not exist (line 2"));
    EXPECT_EQ(orders(), 0) << "it was one transaction";
}

TEST_F(Scripts, RunOnceThoughApprovalsRace) {
    const std::string request = office().ask_to_run("INSERT INTO people VALUES ('x')");
    const auto approve = [&] {
        try {
            office().approve(request);
            return 1;
        } catch (const std::runtime_error&) {
            return 0;  // it is decided
        }
    };
    auto other = std::async(std::launch::async, approve);
    const int mine = approve();
    EXPECT_GE(mine + other.get(), 1);
    EXPECT_EQ(text_in(result_of(request), "outcome"), "succeeded");
    EXPECT_EQ(postgres.number("SELECT count(*) FROM people", CommandOffice::database), 1);
}

TEST_F(Scripts, NeverRunOnceTheyAreRejected) {
    const std::string request = office().ask_to_run(insert);
    office().reject(request, "not today");
    EXPECT_EQ(status(request), "REJECTED, reviewed");
    // Had it been left to be run, it would be before this one.
    EXPECT_EQ(text_in(result_of(approved("SELECT 1")), "outcome"), "succeeded");
    EXPECT_EQ(orders(), 0);
    EXPECT_TRUE(office().show(request).at("command_result").is_null());
}

TEST_F(Scripts, EndAtTheirDeadline) {
    const std::string request = running(std::to_string(3 * slowdown) + "s");
    expect_gone(request);
}

TEST_F(Scripts, EndWithTheirGrant) {
    const std::string request = running();
    curfew().revoke(curfew().log().await("script.begun", {{"request", request}}).text("grant"));
    expect_gone(request);
}

TEST_F(Scripts, EndWithTheirSession) {
    const std::string request = running();
    const json::array sessions = curfew().sessions();
    ASSERT_EQ(sessions.size(), 1U);
    curfew().kill_session(text_in(sessions.at(0), "id"));
    expect_gone(request);
}

TEST_F(Scripts, AreTakenUpByTheNextRunAndSaidToBeUnknownWhereTheyHadBegun) {
    CommandOffice other{postgres};
    std::vector<std::string> begun;
    for (std::size_t i = 0; i < most_at_a_time; ++i) {
        begun.push_back(other.ask_to_run("SELECT pg_sleep(600)"));
        other.approve(begun.back());
    }
    EXPECT_TRUE(postgres.await("count(*) = " + std::to_string(begun.size()) + of_script +
                               " AND wait_event = 'PgSleep'"));
    const std::string waits = other.ask_to_run(insert);
    other.approve(waits);
    EXPECT_EQ(other.show(waits).at("status"), "APPROVED") << "there is no room for it yet";
    other.curfew().kill9();
    other.curfew().restart();
    const auto has_result = [&](const std::string& request) {
        return other.show(request).at("command_result").is_object();
    };
    EXPECT_TRUE(eventually([&] { return has_result(waits); }));
    EXPECT_EQ(orders(), 1);
    for (const std::string& request : begun) {
        ASSERT_TRUE(eventually([&] { return has_result(request); })) << request;
        const json::value result = other.show(request).at("command_result");
        EXPECT_EQ(text_in(result, "outcome"), "unknown");
        EXPECT_THAT(text_in(result, "message"),
                    HasSubstr("the node that ran it ended before it saw the end"));
    }
    EXPECT_TRUE(postgres.await(std::string{"count(*) = 0"} + of_script));
}

}  // namespace
}  // namespace curfew::test
