// What passes between a client and PostgreSQL, and how that ends.
#include "proxy/relay.hpp"

#include <gmock/gmock.h>

#include "message_stream.hpp"
#include "relay_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::Relay;
using proxy::RelayEnd;
using proxy::Stream;
using testing::StartsWith;
using wire::message;
using Status = Stream::Status;

const std::string ready = message('Z', "I");
const std::string row = message('D', std::string(50, 'r'));
// More than all sockets on the way hold.
const std::string long_result = message('D', std::string(3'000'000, 'r')) + ready;

class Relaying : public testing::TestWithParam<Transport>, public RelayFixture {
protected:
    Relaying() : RelayFixture{GetParam()} {}

    std::future<RelayEnd> running = loop.start(relay.run());

    void send(Stream& from, std::string_view bytes) {
        ASSERT_EQ(loop.run(from.write_all(bytes)), Status::ok);
        settle();
    }
    std::string everything_from(Stream& stream) {
        std::string all;
        loop.run(read_all(stream, all));
        return all;
    }
    RelayEnd end() {
        const RelayEnd how = loop.finish(running);
        EXPECT_FALSE(interrupted()) << "the streams are of no use to who goes on";
        EXPECT_FALSE(loop.is_busy()) << "something was left behind";
        return how;
    }
};

TEST_P(Relaying, PassesOnWhatEitherSideSays) {
    send(client(), wire::query("SELECT 1"));
    EXPECT_EQ(take(server()), wire::query("SELECT 1"));
    send(server(), row + ready);
    EXPECT_EQ(take(client()), row + ready);
    EXPECT_EQ(relay.bytes_from_client(), wire::query("SELECT 1").size());
    EXPECT_EQ(writer.bytes_written(), row.size() + ready.size());
    server().close();
    EXPECT_EQ(end(), RelayEnd::server_closed);
}

TEST_P(Relaying, DeliversAllResultsToAClientThatHasSaidAllItWill) {
    send(client(), wire::query("COPY t TO STDOUT"));
    client().shutdown_write();
    EXPECT_EQ(everything_from(server()), wire::query("COPY t TO STDOUT"));
    auto writing = loop.start(server().write_all(long_result));
    std::string received;
    auto reading = loop.start(read_all(client(), received));
    EXPECT_EQ(loop.finish(writing), Status::ok);
    server().close();
    EXPECT_EQ(loop.finish(running), RelayEnd::client_left);
    client().interrupt();
    loop.finish(reading);
    received += take(client());
    EXPECT_TRUE(received == long_result);
    EXPECT_TRUE(relay.client_left());
}

TEST_P(Relaying, LetsPostgreSqlFinishForAClientThatIsGone) {
    send(client(), wire::query("INSERT …"));
    client().close();
    EXPECT_EQ(everything_from(server()), wire::query("INSERT …"));
    EXPECT_EQ(loop.run(server().write_all(long_result)), Status::ok);
    server().close();
    EXPECT_EQ(end(), RelayEnd::client_left);
}

TEST_P(Relaying, LetsPostgreSqlFinishForAClientThatWentInTheMiddleOfAResult) {
    auto writing = loop.start(server().write_all(long_result));
    settle();
    ASSERT_FALSE(test::is_over(writing));
    take(client(), 10);
    client().close();
    EXPECT_EQ(loop.finish(writing), Status::ok);
    EXPECT_EQ(everything_from(server()), "");
    server().close();
    EXPECT_EQ(end(), RelayEnd::client_left);
}

TEST_P(Relaying, DeliversTheLastWordsOfAServerThatReadsNoMore) {
    const std::string unread = message('d', std::string(500'000, 'c'));
    auto writing = loop.start(client().write_all(unread));
    settle();
    ASSERT_FALSE(test::is_over(writing));
    send(server(), row + message('E', "terminating"));
    server().close();
    EXPECT_EQ(loop.finish(running), RelayEnd::server_closed);
    EXPECT_EQ(take(client()), row + message('E', "terminating"));
    client().interrupt();
    loop.finish(writing);
    EXPECT_FALSE(loop.is_busy());
}

TEST_P(Relaying, WaitsUntilASlowClientHasTheLastWords) {
    std::size_t taken = 0;
    // A TLS record goes out in parts.
    for (int refused = 0; refused < 10; ++refused) {
        settle();
        const Stream::Outcome outcome = server().try_write(std::string_view{long_result}.substr(taken));
        if (outcome.status == Status::ok) refused = 0;
        taken += outcome.bytes;
    }
    server().shutdown_write();
    settle();
    ASSERT_FALSE(test::is_over(running));
    std::string received;
    auto reading = loop.start(read_all(client(), received));
    EXPECT_EQ(loop.finish(running), RelayEnd::server_closed);
    client().interrupt();
    loop.finish(reading);
    received += take(client());
    EXPECT_EQ(received.size(), taken);
}

TEST_P(Relaying, SaysThatTheClientLeftWhenItSaidTerminate) {
    send(client(), wire::terminate());
    EXPECT_EQ(take(server()), wire::terminate());
    EXPECT_TRUE(relay.client_left());
    server().close();
    EXPECT_EQ(end(), RelayEnd::client_left);
}

TEST_P(Relaying, TellsPostgreSqlOfTheEndOfAClientThatSaidNothing) {
    client().shutdown_write();
    EXPECT_EQ(everything_from(server()), "");
    server().close();
    EXPECT_EQ(end(), RelayEnd::client_left);
}

// --- What cannot be a message

TEST_P(Relaying, PassesNoImpossibleLengthToPostgreSql) {
    send(client(), wire::query("SELECT 1"));
    EXPECT_EQ(take(server()), wire::query("SELECT 1"));
    send(client(), std::string{"Q\0\0\0\3DROP", 9});
    EXPECT_EQ(end(), RelayEnd::client_violation);
    EXPECT_EQ(take(server()), "");
}

TEST_P(Relaying, PassesNoImpossibleLengthToPostgreSqlWhoseHeaderComesInPieces) {
    send(client(), "Q");
    send(client(), std::string{"\x80\0", 2});
    send(client(), std::string{"\0\0DROP", 6});
    EXPECT_EQ(end(), RelayEnd::client_violation);
    EXPECT_EQ(take(server()), std::string("Q\x80\0", 3));
}

TEST_P(Relaying, EndsForAnImpossibleLengthFromAClientThatReadsNothing) {
    auto writing = loop.start(server().write_all(long_result));
    settle();
    ASSERT_FALSE(test::is_over(writing));
    send(client(), std::string{"Q\0\0\0\3DROP", 9});
    EXPECT_TRUE(test::is_over(running));
    interrupt();
    loop.finish(running);
    server().interrupt();
    loop.finish(writing);
}

TEST_P(Relaying, PassesNoImpossibleLengthToTheClient) {
    send(server(), row + std::string{"D\xff\xff\xff\xffrest", 9});
    EXPECT_EQ(end(), RelayEnd::server_violation);
    EXPECT_EQ(take(client()), row);
}

// --- Interruption

TEST_P(Relaying, EndsAtOnceWhenItIsInterrupted) {
    settle();
    interrupt();
    EXPECT_EQ(loop.finish(running), RelayEnd::interrupted);
    EXPECT_TRUE(interrupted());
    EXPECT_FALSE(loop.is_busy());
}

TEST_P(Relaying, KeepsInHandWhatAMessageIsFinishedWith) {
    RelayFixture session{GetParam(), 4'096, 400'000};
    const std::string messages = message('D', std::string(20'000, 'r')) + row;
    ASSERT_EQ(session.loop.run(session.server().write_all(messages)), Status::ok);
    auto relaying = session.loop.start(session.relay.run());
    session.settle();
    session.interrupt();
    EXPECT_EQ(session.loop.finish(relaying), RelayEnd::interrupted);

    std::string received;
    auto reading = session.loop.start(read_all(session.client(), received));
    session.resume();
    EXPECT_TRUE(session.loop.run(session.writer.finish_message()));
    session.client().interrupt();
    session.loop.finish(reading);
    received += take(session.client());
    EXPECT_TRUE(parse(received).whole());
    EXPECT_EQ(parse(received).types()[0], 'D');
    EXPECT_THAT(messages, StartsWith(received));
}

// --- Whether anything runs

TEST_P(Relaying, KnowsWhetherPostgreSqlWaitsForARequest) {
    struct Step {
        const char* what;
        std::string from_client;
        std::string from_server;
        bool idle;
    };
    const std::string bind = wire::parse("", "SELECT 1") + wire::bind("", "") + wire::execute("");
    const Step steps[]{
        {"the beginning", "", "", true},
        {"a query", wire::query("SELECT 1"), "", false},
        {"a part of its answer", "", row, false},
        {"its answer", "", ready, true},
        {"two queries at once", wire::query("SELECT 1") + wire::query("SELECT 2"), "", false},
        {"the first one's answer", "", row + ready, false},
        {"the second one's answer", "", row + ready, true},
        {"an unfinished extended query", bind + wire::flush(), row, false},
        {"its Sync", wire::sync(), "", false},
        {"the answer to it", "", ready, true},
        {"a pipeline", bind + wire::sync() + bind + wire::sync() + bind, "", false},
        {"the answers to all but the last", "", row + ready + row + ready, false},
        {"its Sync", wire::sync(), row + ready, true},
        {"a function call", message('F', "…"), "", false},
        {"its answer", "", message('V', "…") + ready, true},
        {"COPY in", wire::query("COPY t FROM STDIN"), message('G', "…"), false},
        {"its data", wire::copy_data("1\n") + wire::copy_done(), "", false},
        {"its answer", "", ready, true},
        {"the next query", wire::query("SELECT 1"), "", false},
        {"that one's answer", "", row + ready, true},
    };
    for (const Step& step : steps) {
        send(client(), step.from_client);
        send(server(), step.from_server);
        EXPECT_EQ(relay.idle(), step.idle) << step.what;
        take(client());
        take(server());
    }
    server().close();
    end();
}

TEST_P(Relaying, IsNotIdleWhereAReadyForQueryIsStillOnItsWay) {
    send(client(), wire::query("SELECT 1"));
    auto writing = loop.start(server().write_all(long_result));
    settle();
    EXPECT_FALSE(relay.idle());
    std::string received;
    auto reading = loop.start(read_all(client(), received));
    EXPECT_EQ(loop.finish(writing), Status::ok);
    settle();
    EXPECT_TRUE(relay.idle());
    server().close();
    client().interrupt();
    loop.finish(reading);
    loop.finish(running);
}

INSTANTIATE_TEST_SUITE_P(Over, Relaying, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test
