// A session that ends while much is on its way: clients that do not read, clients that do not stop writing,
// and the promise that no message is ever torn and then followed by something else.
#include "integration/teardown_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace curfew::test {
namespace {

using testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(, Teardown, every_way, case_name);

// Never reads more than it must, so that what it is sent piles up.
constexpr ByteStream::Options small_receiver{4096};

// Header of a message, and of a DataRow with one column or of CopyData.
bool holds_only_x(const std::string& torn, std::size_t header) {
    return torn.size() <= header || std::all_of(torn.begin() + static_cast<std::ptrdiff_t>(header),
                                                torn.end(), [](char c) { return c == 'x'; });
}

// Writes the same bytes over and over, until the other side has gone.
class Flood {
public:
    Flood(ByteStream& stream, std::string bytes)
        : thread_{[this, &stream, text = std::move(bytes)] {
              std::size_t sent = 0;
              while (!stop_) {
                  const auto n = stream.write_some(std::string_view{text}.substr(sent));
                  if (!n) return;
                  sent = (sent + *n) % text.size();
                  if (*n == 0) stream.wait_writable(std::chrono::milliseconds{100});
              }
          }} {}
    ~Flood() {
        stop_ = true;
        thread_.join();
    }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;

private:
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

TEST_P(Teardown, EndsACopyOutWhoseClientHasStoppedReading) {
    LiveSession session = open_session(small_receiver);
    session.client.send(wire::query(wire::endless_copy(1000)));
    ASSERT_TRUE(backend_waits(session, "ClientWrite"));
    end_right();
    expect_over(session);
    const Ending ending = session.client.read_to_end();
    EXPECT_FALSE(ending.garbled);
    EXPECT_TRUE(holds_only_x(ending.torn, 5)) << "nothing may be written into a message";
    if (!ending.torn.empty()) {
        EXPECT_EQ(ending.messages.count('E'), 0U);
    }
}

TEST_P(Teardown, EndsACopyOutAtFullRate) {
    LiveSession session = open_session();
    session.client.send(wire::query(wire::endless_copy(1000)));
    session.client.read_until('d');
    end_right();
    const Ending ending = session.client.read_to_end();
    expect_told_or_closed(ending);
    EXPECT_TRUE(holds_only_x(ending.torn, 5));
    expect_over(session);
}

TEST_P(Teardown, EndsACopyInAndKeepsNothingOfIt) {
    LiveSession session = open_session();
    session.client.send(wire::query("COPY marks FROM STDIN"));
    session.client.read_until('G');
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    session.client.send(wire::copy_data(name + "\n"));
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, EndsAFloodOfCopyDataAndKeepsNothingOfIt) {
    LiveSession session = open_session();
    session.client.send(wire::query("COPY marks FROM STDIN"));
    session.client.read_until('G');
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    const Flood flood{session.client.stream(), wire::copy_data(name + "\n")};
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, EndsAClientThatFloodsWithQueries) {
    LiveSession session = open_session();
    const Flood flood{session.client.stream(), wire::query("SELECT 1")};
    end_right();
    // Results stream all the while: the end may fall into one, and then nothing can be said.
    expect_told_or_closed(session.client.read_to_end());
    expect_over(session);
}

TEST_P(Teardown, EndsAClientThatFloodsAndDoesNotRead) {
    LiveSession session = open_session(small_receiver);
    const Flood flood{session.client.stream(), wire::query("SELECT repeat('x', 10000)")};
    ASSERT_TRUE(backend_waits(session, "ClientWrite"));
    end_right();
    // Without the admin login each query that PostgreSQL has in its socket takes a cancel of its own.
    expect_over(session, 3 * patience);
    EXPECT_FALSE(session.client.read_to_end().garbled);
}

TEST_P(Teardown, NeverWritesIntoARowThatIsHalfRelayed) {
    LiveSession session = open_session(small_receiver);
    session.client.send(wire::query("SELECT repeat('x', 50000000)"));
    ASSERT_TRUE(backend_waits(session, "ClientWrite"));
    end_right();
    expect_over(session);
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.messages.count('E'), 0U) << "there is no message boundary to say something at";
    EXPECT_FALSE(ending.torn.empty());
    EXPECT_TRUE(holds_only_x(ending.torn, 11));
    EXPECT_FALSE(ending.garbled);
}

TEST_P(Teardown, LeavesAResultHalfRelayedInOneClearState) {
    LiveSession session = open_session(small_receiver);
    session.client.send(wire::query(wire::endless_rows(1000)));
    session.client.read_until('D');
    ASSERT_TRUE(backend_waits(session, "ClientWrite"));
    end_right();
    const Ending ending = session.client.read_to_end();
    expect_told_or_closed(ending);
    EXPECT_TRUE(holds_only_x(ending.torn, 11));
    if (!ending.torn.empty()) {
        EXPECT_EQ(ending.messages.count('E'), 0U);
    }
    expect_over(session);
}

TEST_P(Teardown, EndsReplication) {
    give_grant({"--replication"});
    const TemporaryDirectory wal{"curfew-wal"};
    Process receiver{{PostgresCluster::program("pg_receivewal"), "--no-loop", "-D", wal.path(), "-d",
                      curfew.conninfo("alice", "replication", "sidecar")}};
    const LogEvent admitted = curfew.log().await("session.admitted", {{"user", "alice"}});
    ASSERT_TRUE(cluster.await(
        "count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming' AND usename = 'alice'"));
    end_right();
    EXPECT_FALSE(receiver.wait().success());
    EXPECT_THAT(receiver.output(Process::Stream::err), HasSubstr(grant.id));
    expect_end(curfew.await_end(admitted.text("session")));
    EXPECT_EQ(cluster.backend_count("usename = 'alice'"), 0);
}

}  // namespace
}  // namespace curfew::test
