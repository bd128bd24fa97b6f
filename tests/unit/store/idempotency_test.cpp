// What is sent twice under one Idempotency-Key is done once.
#include <gmock/gmock.h>

#include "store_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::IdempotentAnswer;
using store::IdempotentRequest;
using testing::HasSubstr;

IdempotentRequest sent(const std::string& key = "4711", const std::string& actor = "alice") {
    return {actor, key, "POST", "/api/v1/requests", {1, 2, 3}};
}

class Idempotency : public StoreTest {
protected:
    Result<std::optional<IdempotentAnswer>> begin(const IdempotentRequest& request = sent()) {
        return await(store->begin_idempotent(request));
    }
    bool is_first(const IdempotentRequest& request = sent()) {
        const auto answer = begin(request);
        return answer && !*answer;
    }
    Result<void> finish(const std::string& key = "4711", const std::string& body = R"({"id": "r-1"})") {
        return await(store->finish_idempotent("alice", key, {201, body}));
    }
};

TEST_F(Idempotency, GivesTheFirstAnswerToWhateverIsSentAgain) {
    ASSERT_TRUE(is_first());
    ASSERT_TRUE(finish());
    reopen();
    const auto again = begin();
    ASSERT_TRUE(again && *again);
    EXPECT_EQ((*again)->status, 201U);
    EXPECT_EQ((*again)->body, R"({"id": "r-1"})");
}

TEST_F(Idempotency, LetsOneOfAllThatComeAtATimeDoIt) {
    std::vector<store::Awaitable<Result<std::optional<IdempotentAnswer>>>> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(store->begin_idempotent(sent()));
    int first = 0;
    for (const auto& answer : await_all(std::move(all))) {
        if (answer) {
            EXPECT_FALSE(*answer);
            ++first;
        } else {
            EXPECT_EQ(answer.error().code, ErrorCode::conflict);
            EXPECT_THAT(answer.error().message, HasSubstr("under way"));
        }
    }
    EXPECT_EQ(first, 1);
}

TEST_F(Idempotency, RefusesAKeyThatWasUsedForSomethingElse) {
    ASSERT_TRUE(is_first());
    ASSERT_TRUE(finish());
    IdempotentRequest other = sent();
    other.body_hash[31] = 1;
    EXPECT_EQ(begin(other).error().code, ErrorCode::invalid);
    other = sent();
    other.path = "/api/v1/tokens";
    EXPECT_EQ(begin(other).error().code, ErrorCode::invalid);
    other = sent();
    other.method = "PUT";
    EXPECT_EQ(begin(other).error().code, ErrorCode::invalid);
}

TEST_F(Idempotency, KeepsTheKeysOfPeopleApart) {
    ASSERT_TRUE(is_first(sent("4711", "alice")));
    EXPECT_TRUE(is_first(sent("4711", "bob")));
}

TEST_F(Idempotency, ForgetsWhatWasNotDone) {
    ASSERT_TRUE(is_first());
    await(store->abandon_idempotent("alice", "4711")).value();
    EXPECT_TRUE(is_first());
    ASSERT_TRUE(finish());
    await(store->abandon_idempotent("alice", "4711")).value();
    EXPECT_FALSE(is_first()) << "it was done";
    EXPECT_EQ(finish().error().code, ErrorCode::not_found) << "of two answers the first one stays";
}

TEST_F(Idempotency, DoesNotKnowWhetherItWasDoneBeforeACrash) {
    ASSERT_TRUE(is_first());
    reopen();
    EXPECT_EQ(begin().error().code, ErrorCode::conflict);
}

TEST_F(Idempotency, ForgetsAfterADay) {
    ASSERT_TRUE(is_first());
    ASSERT_TRUE(finish());
    clock.advance(24h - 1ms);
    EXPECT_FALSE(is_first());
    clock.advance(1ms);
    EXPECT_TRUE(is_first());
}

TEST_F(Idempotency, KeepsTheNewestThousandOfEachPerson) {
    ASSERT_TRUE(is_first(sent("bobs", "bob")));
    for (std::size_t i = 0; i <= store::most_idempotent_of_actor; ++i) {
        ASSERT_TRUE(is_first(sent(std::to_string(i))));
        ASSERT_TRUE(finish(std::to_string(i)));
    }
    EXPECT_FALSE(is_first(sent("1"))) << "the oldest but one";
    EXPECT_TRUE(is_first(sent("0"))) << "the oldest gave way";
    EXPECT_FALSE(is_first(sent("bobs", "bob")));
}

TEST_F(Idempotency, TakesAKeyOfSomeLengthAndAnAnswerOfAnyLength) {
    EXPECT_EQ(begin(sent("")).error().code, ErrorCode::invalid);
    EXPECT_EQ(begin(sent(std::string(256, 'k'))).error().code, ErrorCode::invalid);
    ASSERT_TRUE(is_first());
    ASSERT_TRUE(finish("4711", std::string(store::largest_idempotent_body + 1, 'x')));
    EXPECT_EQ((*begin())->status, 201U);
    EXPECT_EQ((*begin())->body, "");
}

TEST_F(Idempotency, TakesWhatIsGoodOnceOnceHoweverManyNodesAreAsked) {
    std::vector<store::Awaitable<Result<bool>>> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(store->remember_once("v0=abc", 5min));
    int taken = 0;
    for (const auto& answer : await_all(std::move(all)))
        taken += answer.value() ? 1 : 0;
    EXPECT_EQ(taken, 1);
    reopen();
    EXPECT_FALSE(await(store->remember_once("v0=abc", 5min)).value());
    EXPECT_TRUE(await(store->remember_once("v0=abd", 5min)).value());
}

TEST_F(Idempotency, RemembersWhatIsGoodOnceForAsLongAsItWasToldTo) {
    ASSERT_TRUE(await(store->remember_once("v0=abc", 5min)).value());
    clock.advance(5min - 1ms);
    EXPECT_FALSE(await(store->remember_once("v0=abc", 5min)).value());
    clock.advance(1ms);
    EXPECT_TRUE(await(store->remember_once("v0=abc", 5min)).value());
    for (const std::string& bad : {std::string{}, std::string(256, 'k'), std::string{"\xff"}})
        EXPECT_EQ(await(store->remember_once(bad, 5min)).error().code, ErrorCode::invalid);
    for (const Duration bad : {Duration{0s}, Duration{24h + 1ms}})
        EXPECT_EQ(await(store->remember_once("other", bad)).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace curfew::test
