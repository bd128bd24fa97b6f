// A relay whose client's commands are decided one by one.
#include <gmock/gmock.h>

#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "message_stream.hpp"
#include "relay_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::CommandJudge;
using proxy::RelayEnd;
using proxy::Stream;
using wire::message;
using Status = Stream::Status;

const std::string refused = message('E', "not approved");
const std::string is_ready = message('Z', "I");
const std::string complete = message('C', wire::cstring("DELETE 1"));
const std::string batch = wire::parse("", "DELETE FROM a") + wire::bind("", "") + wire::execute("");

// Lets SELECTs pass at once, and decides all else when the test says so.
class TestJudge final : public CommandJudge {
public:
    explicit TestJudge(const boost::asio::any_io_executor& executor) : decided_{executor} {}

    boost::asio::awaitable<Verdict> judge(postgres::HeldUnit unit) override {
        asked.push_back(unit.statements.at(0).sql);
        Verdict verdict;
        if (asked.back().starts_with("SELECT")) {
            verdict.pass = true;
            co_return verdict;
        }
        waiting = true;
        while (!decision_ && !interrupted)
            co_await decided_.wait();
        waiting = false;
        verdict.pass = !interrupted && *decision_;
        verdict.refusal = refused;
        decision_.reset();
        co_return verdict;
    }
    void interrupt() override {
        interrupted = true;
        decided_.notify();
    }
    void ran(postgres::UnitOutcome outcome) override { outcomes.push_back(std::move(outcome)); }

    void decide(bool pass) {
        decision_ = pass;
        decided_.notify();
    }

    std::vector<std::string> asked;
    std::vector<postgres::UnitOutcome> outcomes;
    bool waiting = false;
    bool interrupted = false;

private:
    proxy::Event decided_;
    std::optional<bool> decision_;
};

class JudgedRelay : public testing::TestWithParam<Transport>, public RelayFixture {
protected:
    JudgedRelay() : RelayFixture{GetParam()} {
        relay.judge_commands(judge, postgres::CommandGate{});
        running = loop.start(relay.run());
    }

    void send(Stream& from, std::string_view bytes) {
        ASSERT_EQ(loop.run(from.write_all(bytes)), Status::ok);
        settle();
    }
    void decide(bool pass) {
        judge.decide(pass);
        settle();
    }
    void expect_to_end(RelayEnd how) {
        EXPECT_EQ(loop.finish(running), how);
        EXPECT_FALSE(loop.is_busy()) << "something was left behind";
    }
    void ask() {
        send(client(), wire::query("DELETE FROM a"));
        ASSERT_TRUE(judge.waiting);
        ASSERT_EQ(take(server()), "");
    }
    // PostgreSQL goes once its client has.
    void expect_the_client_left() {
        std::string received;
        EXPECT_EQ(loop.run(read_all(server(), received)), Status::eof);
        EXPECT_THAT(received, testing::Not(testing::HasSubstr("DELETE")));
        server().close();
        expect_to_end(RelayEnd::client_left);
    }

    TestJudge judge{loop.executor()};
    std::future<RelayEnd> running;
};

TEST_P(JudgedRelay, PassesWhatMayRunAtOnce) {
    send(client(), wire::query("SELECT 1"));
    EXPECT_EQ(take(server()), wire::query("SELECT 1"));
    send(server(), complete + is_ready);
    EXPECT_EQ(take(client()), complete + is_ready);
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, HoldsWhatIsToBeDecidedAndPassesItAsItCame) {
    send(client(), batch);
    EXPECT_FALSE(judge.waiting);
    send(client(), wire::sync());
    EXPECT_TRUE(judge.waiting);
    EXPECT_EQ(take(server()), "");
    EXPECT_TRUE(relay.idle()) << "PostgreSQL was asked for nothing";
    decide(true);
    EXPECT_EQ(take(server()), batch + wire::sync());
    EXPECT_FALSE(relay.idle());
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, TellsTheClientOfARefusalAndGoesOn) {
    ask();
    decide(false);
    EXPECT_EQ(take(client()), refused + is_ready);
    EXPECT_EQ(take(server()), "");
    send(client(), wire::query("SELECT 1"));
    EXPECT_EQ(take(server()), wire::query("SELECT 1"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, TellsTheClientNoticesWhileItWaits) {
    ask();
    send(server(), message('N', "from PostgreSQL"));
    writer.say(message('N', "from Curfew"));
    EXPECT_EQ(take(client()), message('N', "from PostgreSQL") + message('N', "from Curfew"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, DecidesTheNextOnceTheClientHasTheAnswerToTheLast) {
    send(client(), wire::query("SELECT 1") + wire::query("DELETE FROM a"));
    EXPECT_FALSE(judge.waiting);
    send(server(), complete + is_ready);
    EXPECT_TRUE(judge.waiting);
    decide(false);
    EXPECT_EQ(take(client()), complete + is_ready + refused + is_ready);
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, SaysWhatCameOfWhatPassed) {
    ask();
    decide(true);
    send(server(), complete + is_ready);
    ASSERT_EQ(judge.outcomes.size(), 1U);
    EXPECT_TRUE(judge.outcomes[0].answered);
    EXPECT_EQ(judge.outcomes[0].completed.at(0).tag, "DELETE 1");
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, SaysThatWhatPassedWasNotAnswered) {
    ask();
    decide(true);
    server().close();
    expect_to_end(RelayEnd::server_closed);
    ASSERT_EQ(judge.outcomes.size(), 1U);
    EXPECT_FALSE(judge.outcomes[0].answered);
}

TEST_P(JudgedRelay, InterruptsTheJudgeWhenTheClientHangsUp) {
    ask();
    client().close();
    settle();
    EXPECT_TRUE(judge.interrupted);
    expect_the_client_left();
}

TEST_P(JudgedRelay, InterruptsTheJudgeWhenTheClientSaysTerminate) {
    ask();
    send(client(), wire::terminate());
    EXPECT_TRUE(judge.interrupted);
    EXPECT_EQ(take(client()), refused + is_ready);
    EXPECT_EQ(take(server()), wire::terminate());
    server().close();
    expect_to_end(RelayEnd::client_left);
}

TEST_P(JudgedRelay, NoticesThatTheClientHangsUpThoughItReadsNoFurther) {
    ask();
    std::string more;
    while (more.size() < 1'000'000)
        more += wire::query("SELECT " + std::string(1000, 'x'));
    auto sending = loop.start(client().write_all(more));
    settle();
    ASSERT_FALSE(is_over(sending)) << "no more than a buffer is read ahead";
    EXPECT_FALSE(judge.interrupted);
    client().interrupt();
    loop.finish(sending);
    client().close();
    settle();
    EXPECT_TRUE(judge.interrupted);
    expect_the_client_left();
}

TEST_P(JudgedRelay, GoesOnReadingOnceItIsDecided) {
    ask();
    std::string more;
    while (more.size() < 1'000'000)
        more += wire::copy_data(std::string(1000, 'x'));
    more += wire::query("SELECT 1");
    auto sending = loop.start(client().write_all(more));
    settle();
    ASSERT_FALSE(is_over(sending));
    decide(false);
    EXPECT_EQ(loop.finish(sending), Status::ok);
    settle();
    EXPECT_EQ(take(server()), wire::query("SELECT 1"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, RunsWhatNeedsNoApprovalThoughTerminateFollowsAtOnce) {
    send(client(), wire::query("SELECT 1") + wire::terminate());
    EXPECT_EQ(take(server()), wire::query("SELECT 1") + wire::terminate());
    server().close();
    expect_to_end(RelayEnd::client_left);
}

TEST_P(JudgedRelay, InterruptsTheJudgeWhenItIsInterrupted) {
    ask();
    interrupt();
    expect_to_end(RelayEnd::interrupted);
    EXPECT_TRUE(judge.interrupted);
    EXPECT_EQ(take(server()), "");
}

TEST_P(JudgedRelay, InterruptsTheJudgeWhenPostgreSqlEnds) {
    ask();
    send(server(), message('E', "terminating"));
    server().close();
    expect_to_end(RelayEnd::server_closed);
    EXPECT_TRUE(judge.interrupted);
}

TEST_P(JudgedRelay, PassesCopyDataAsItComes) {
    send(client(), wire::query("COPY a FROM STDIN"));
    decide(true);
    ASSERT_EQ(take(server()), wire::query("COPY a FROM STDIN"));
    send(server(), message('G', std::string("\0\0\0", 3)));
    std::string data;
    while (data.size() < 3'000'000)
        data += wire::copy_data(std::string(1000, 'x'));
    data += wire::copy_done();
    auto sending = loop.start(client().write_all(data));
    std::string received;
    auto reading = loop.start(read_all(server(), received));
    EXPECT_EQ(loop.finish(sending), Status::ok);
    settle();
    EXPECT_TRUE(received == data);
    interrupt();
    server().interrupt();
    loop.finish(reading);
    expect_to_end(RelayEnd::interrupted);
}

TEST_P(JudgedRelay, RefusesWithoutAskingWhatWouldBeginATransactionAtTheEnd) {
    const std::string too_late = message('E', "no new transaction");
    relay.refuse_requests(too_late);
    send(client(), wire::query("DELETE FROM a"));
    EXPECT_EQ(take(client()), too_late + is_ready);
    EXPECT_TRUE(judge.asked.empty());
    relay.allow_requests();
    ask();
    server().close();
    expect_to_end(RelayEnd::server_closed);
}

TEST_P(JudgedRelay, EndsForWhatNoClientSends) {
    send(client(), std::string("Q\0\0\0\3", 5));
    expect_to_end(RelayEnd::client_violation);
}

TEST_P(JudgedRelay, EndsForAnAnswerToWhatWasNotAsked) {
    send(server(), message('1'));
    expect_to_end(RelayEnd::server_violation);
}

INSTANTIATE_TEST_SUITE_P(Over, JudgedRelay, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test
