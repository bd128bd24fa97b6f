// A relay whose client is to begin no new transaction.
#include <gmock/gmock.h>

#include "message_stream.hpp"
#include "relay_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::RelayEnd;
using proxy::Stream;
using wire::message;
using Status = Stream::Status;

const std::string refused = message('E', "no new transaction");
const std::string is_ready = message('Z', "I");
const std::string in_transaction = message('Z', "T");
const std::string complete = message('C', "done");
const std::string batch = wire::parse("", "SELECT 1") + wire::bind("", "") + wire::execute("");

class GatedRelay : public testing::TestWithParam<Transport>, public RelayFixture {
protected:
    GatedRelay() : RelayFixture{GetParam()} {}

    std::future<RelayEnd> running = loop.start(relay.run());

    void send(Stream& from, std::string_view bytes) {
        ASSERT_EQ(loop.run(from.write_all(bytes)), Status::ok);
        settle();
    }
    void expect_to_end(RelayEnd how) {
        EXPECT_EQ(loop.finish(running), how);
        EXPECT_FALSE(loop.is_busy()) << "something was left behind";
    }
    // Its last query is held.
    void hold_a_query() {
        send(client(), wire::query("SELECT pg_sleep(60)"));
        relay.refuse_requests(refused);
        send(client(), wire::query("SELECT 2"));
        ASSERT_EQ(take(server()), wire::query("SELECT pg_sleep(60)"));
        ASSERT_EQ(take(client()), "");
    }
};

TEST_P(GatedRelay, RefusesAQueryAndGoesOn) {
    relay.refuse_requests(refused);
    send(client(), wire::query("SELECT 1"));
    EXPECT_EQ(take(client()), refused + is_ready);
    EXPECT_EQ(take(server()), "");
    relay.allow_requests();
    send(client(), wire::query("SELECT 2"));
    EXPECT_EQ(take(server()), wire::query("SELECT 2"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(GatedRelay, RefusesABatchUpToItsSync) {
    relay.refuse_requests(refused);
    send(client(), batch);
    EXPECT_EQ(take(client()), refused);
    send(client(), batch + wire::sync());
    EXPECT_EQ(take(client()), is_ready);
    EXPECT_EQ(take(server()), "");
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(GatedRelay, LetsAnOpenTransactionBeFinished) {
    send(client(), wire::query("BEGIN"));
    send(server(), complete + in_transaction);
    relay.refuse_requests(refused);
    take(server());
    send(client(), wire::query("COMMIT"));
    EXPECT_EQ(take(server()), wire::query("COMMIT"));
    send(server(), complete + is_ready);
    take(client());
    send(client(), wire::query("BEGIN"));
    EXPECT_EQ(take(client()), refused + is_ready);
    EXPECT_EQ(take(server()), "");
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(GatedRelay, RefusesAfterTheAnswersToWhatWasAskedBefore) {
    hold_a_query();
    send(server(), message('D', "row") + complete + is_ready);
    EXPECT_EQ(take(client()), message('D', "row") + complete + is_ready + refused + is_ready);
    EXPECT_EQ(take(server()), "");
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(GatedRelay, PassesWhatItHeldOnceATransactionTurnsOutToBeOpen) {
    hold_a_query();
    send(server(), complete + in_transaction);
    EXPECT_EQ(take(server()), wire::query("SELECT 2"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(GatedRelay, PassesWhatItHeldOnceRequestsAreAllowed) {
    hold_a_query();
    relay.allow_requests();
    settle();
    EXPECT_EQ(take(server()), wire::query("SELECT 2"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(GatedRelay, EndsWithPostgreSqlWhileItHoldsSomething) {
    hold_a_query();
    send(server(), message('E', "terminating"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
    EXPECT_EQ(take(client()), message('E', "terminating"));
}

TEST_P(GatedRelay, IsInterruptedWhileItHoldsSomething) {
    hold_a_query();
    interrupt();
    expect_to_end(RelayEnd::interrupted);
}

TEST_P(GatedRelay, LetsPostgreSqlGoForAClientThatLeftWhatWasHeld) {
    hold_a_query();
    client().close();
    const std::string rows = message('D', std::string(3'000'000, 'r')) + complete + is_ready;
    EXPECT_EQ(loop.run(server().write_all(rows)), Status::ok);
    std::string received;
    EXPECT_EQ(loop.run(read_all(server(), received)), Status::eof);
    EXPECT_EQ(received, "");
    server().close();
    expect_to_end(RelayEnd::client_left);
}

// Nothing is piled up for a client that asks and asks and does not read.
TEST_P(GatedRelay, ReadsNoMoreThanItsClientTakesAnswersTo) {
    relay.refuse_requests(refused);
    constexpr std::size_t queries = 20'000;
    std::string asked;
    for (std::size_t i = 0; i < queries; ++i)
        asked += wire::query("SELECT 1");
    auto asking = loop.start(client().write_all(asked));
    settle();
    ASSERT_FALSE(is_over(asking)) << "it waits for the client to read";

    std::string received;
    auto reading = loop.start(read_all(client(), received));
    EXPECT_EQ(loop.finish(asking), Status::ok);
    settle();
    server().close();
    EXPECT_EQ(loop.finish(running), RelayEnd::server_closed);
    client().interrupt();
    loop.finish(reading);
    received += take(client());
    const Parsed answers = parse(received);
    EXPECT_TRUE(answers.whole());
    EXPECT_EQ(answers.messages.size(), 2 * queries);
    EXPECT_EQ(answers.types().substr(0, 6), "EZEZEZ");
    EXPECT_EQ(take(server()), "");
}

TEST_P(GatedRelay, IsInterruptedWhileItsClientTakesNoAnswers) {
    relay.refuse_requests(refused);
    std::string asked;
    for (int i = 0; i < 20'000; ++i)
        asked += wire::query("SELECT 1");
    auto asking = loop.start(client().write_all(asked));
    settle();
    ASSERT_FALSE(is_over(asking));
    interrupt();
    EXPECT_EQ(loop.finish(running), RelayEnd::interrupted);
    client().interrupt();
    loop.finish(asking);
}

TEST_P(GatedRelay, KeepsItsAnswersOutOfWhatPostgreSqlSays) {
    relay.refuse_requests(refused);
    std::string asked;
    for (int i = 0; i < 2'000; ++i)
        asked += wire::query("SELECT 1");
    // Notices, which come at any time.
    std::string notices;
    for (int i = 0; i < 2'000; ++i)
        notices += message('N', std::string(100, 'n'));
    auto asking = loop.start(client().write_all(asked));
    auto telling = loop.start(server().write_all(notices));
    settle();
    std::string received;
    auto reading = loop.start(read_all(client(), received));
    EXPECT_EQ(loop.finish(asking), Status::ok);
    EXPECT_EQ(loop.finish(telling), Status::ok);
    settle();
    server().close();
    EXPECT_EQ(loop.finish(running), RelayEnd::server_closed);
    client().interrupt();
    loop.finish(reading);
    received += take(client());
    const Parsed answers = parse(received);
    EXPECT_TRUE(answers.whole());
    EXPECT_EQ(answers.bytes("EZ"), notices);
    EXPECT_EQ(answers.messages.size(), 3U * 2'000);
}

TEST_P(GatedRelay, IsInterruptedWhileTheRestOfAMessageKeepsItFromAnswering) {
    relay.refuse_requests(refused);
    send(server(), message('N', "half a notice").substr(0, 8));
    send(client(), wire::query("SELECT 1"));
    EXPECT_EQ(take(client()), message('N', "half a notice").substr(0, 8));
    interrupt();
    expect_to_end(RelayEnd::interrupted);
}

TEST_P(GatedRelay, AnswersAfterAMessageThatWasHalfWritten) {
    relay.refuse_requests(refused);
    const std::string notice = message('N', "in two parts");
    send(server(), notice.substr(0, 8));
    send(client(), wire::query("SELECT 1"));
    send(server(), notice.substr(8));
    EXPECT_EQ(take(client()), notice + refused + is_ready);
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(GatedRelay, EndsForALengthThatNoMessageCanHave) {
    relay.refuse_requests(refused);
    send(client(), wire::query("SELECT 1") + std::string("Q\0\0\0\3", 5));
    EXPECT_EQ(loop.finish(running), RelayEnd::client_violation);
    EXPECT_EQ(take(client()), refused + is_ready);
}

INSTANTIATE_TEST_SUITE_P(Over, GatedRelay, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test
