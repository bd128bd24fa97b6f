#include "protocol/postgres/scram_client.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/scram_attributes.hpp"
#include "scram_testing.hpp"

namespace curfew::postgres {
namespace {

using testing::with;

class ScramClientTest : public ::testing::Test {
protected:
    static ScramClient client(std::optional<ChannelBinding> binding = std::nullopt,
                              bool server_offers_plus = false) {
        return ScramClient{Secret{std::string{testing::password}}, std::move(binding), server_offers_plus,
                           testing::all(3)};
    }
    // A client that awaits the server's challenge.
    static ScramClient begun() {
        auto made = client();
        made.client_first();
        return made;
    }
    // With few iterations: these tests hash many times.
    static std::string challenge() {
        return "r=" + testing::nonce_of(3) + "theirs,s=" + encode_base64(testing::salt) + ",i=2";
    }
    // What a server that knows the password sends at the end.
    static std::string right_end() {
        const std::string authenticated = "n=,r=" + testing::nonce_of(3) + "," + challenge() +
                                          ",c=biws,r=" + testing::nonce_of(3) + "theirs";
        const ScramKeys keys = derive_scram_keys(testing::password, testing::salt, 2);
        return "v=" + encode_base64(server_signature(keys.server_key, authenticated));
    }
    // A client that awaits the end of the exchange.
    static ScramClient answered() {
        auto made = begun();
        EXPECT_TRUE(made.on_server_first(challenge()));
        return made;
    }
};

TEST_F(ScramClientTest, BeginsWithItsNonceAndNoName) {
    EXPECT_EQ(client().client_first(), "n,,n=,r=" + testing::nonce_of(3));
}

TEST_F(ScramClientTest, AnswersTheChallengeWithItsProof) {
    auto made = begun();
    const auto answer = made.on_server_first(challenge());
    ASSERT_TRUE(answer);
    const std::string without_proof = "c=biws,r=" + testing::nonce_of(3) + "theirs";
    const std::string authenticated =
        "n=,r=" + testing::nonce_of(3) + "," + challenge() + "," + without_proof;
    const ScramKeys keys = derive_scram_keys(testing::password, testing::salt, 2);
    EXPECT_EQ(*answer, without_proof + ",p=" + encode_base64(client_proof(keys.client_key, authenticated)));
}

TEST_F(ScramClientTest, BelievesAServerThatProvesItself) {
    auto made = answered();
    EXPECT_FALSE(made.server_proven());
    EXPECT_TRUE(made.on_server_final(right_end()));
    EXPECT_TRUE(made.server_proven());
}

TEST_F(ScramClientTest, DoesNotBelieveAServerThatSkipsItsProof) {
    EXPECT_FALSE(client().server_proven());
    EXPECT_FALSE(begun().server_proven());
    EXPECT_FALSE(answered().server_proven());
}

TEST_F(ScramClientTest, DoesNotBelieveAServerThatDoesNotKnowThePassword) {
    const ScramKeys other = derive_scram_keys("another password", testing::salt, 2);
    for (const std::string& message :
         {std::string{"v="}, std::string{"v=AAAA"}, "v=" + encode_base64(other.server_key),
          with(right_end(), "v=", "v=AAAA"), right_end().substr(0, right_end().size() - 4)}) {
        auto made = answered();
        EXPECT_FALSE(made.on_server_final(message)) << message;
        EXPECT_FALSE(made.server_proven()) << message;
    }
}

TEST_F(ScramClientTest, SaysWhatTheServerRefusedItFor) {
    auto made = answered();
    const auto outcome = made.on_server_final("e=invalid-proof");
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("invalid-proof"), std::string::npos);
    EXPECT_FALSE(made.server_proven());
}

TEST_F(ScramClientTest, ShowsNoControlCharactersOfTheServers) {
    auto made = answered();
    const auto outcome = made.on_server_final("e=\x1b[2Jgone");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message.find('\x1b'), std::string::npos);
}

TEST_F(ScramClientTest, RefusesAMalformedEnd) {
    for (const std::string& message : {std::string{}, std::string{"v"}, right_end() + ",", right_end() + ",x",
                                       with(right_end(), "v=", "V="), right_end() + ",x=" + '\0'}) {
        auto made = answered();
        EXPECT_FALSE(made.on_server_final(message)) << message;
    }
}

TEST_F(ScramClientTest, IgnoresExtensionsThatItMayIgnore) {
    auto made = begun();
    EXPECT_TRUE(made.on_server_first(challenge() + ",x=1"));
    auto other = answered();
    EXPECT_TRUE(other.on_server_final(right_end() + ",x=1"));
}

TEST_F(ScramClientTest, RefusesExtensionsThatItMustUnderstand) {
    auto made = begun();
    EXPECT_FALSE(made.on_server_first("m=1," + challenge()));
}

TEST_F(ScramClientTest, RefusesANonceThatIsNotItsOwn) {
    auto made = begun();
    EXPECT_FALSE(made.on_server_first(with(challenge(), testing::nonce_of(3), testing::nonce_of(4))));
    auto other = begun();
    EXPECT_FALSE(other.on_server_first(with(challenge(), testing::nonce_of(3), "")));
}

TEST_F(ScramClientTest, RefusesANonceToWhichTheServerAddedNothing) {
    auto made = begun();
    EXPECT_FALSE(made.on_server_first(with(challenge(), "theirs", "")));
}

TEST_F(ScramClientTest, RefusesAMalformedChallenge) {
    const std::string good = challenge();
    for (const std::string& message :
         {std::string{}, std::string{"r="}, good.substr(0, good.find(",s=")),
          good.substr(0, good.find(",i=")), with(good, ",s=", ",s=?"),
          with(good, encode_base64(testing::salt), ""), with(good, ",i=2", ",i="), with(good, ",i=2", ",i=0"),
          with(good, ",i=2", ",i=-1"), with(good, ",i=2", ",i=2x"), with(good, ",i=2", ",i=99999999999"),
          with(good, "theirs", "the irs"), good + ",", good + ",x", good + ",x=" + '\0',
          std::string(longest_scram_message + 1, 'r')}) {
        auto made = begun();
        EXPECT_FALSE(made.on_server_first(message)) << message;
    }
}

TEST_F(ScramClientTest, RefusesToHashForHours) {
    for (const int iterations : {most_scram_iterations + 1, std::numeric_limits<int>::max()}) {
        auto made = begun();
        const auto outcome =
            made.on_server_first(with(challenge(), "i=2", "i=" + std::to_string(iterations)));
        ASSERT_FALSE(outcome);
        EXPECT_NE(outcome.error().message.find(std::to_string(iterations)), std::string::npos);
    }
}

TEST_F(ScramClientTest, RefusesMessagesOutOfTurn) {
    auto not_begun = client();
    EXPECT_FALSE(not_begun.on_server_first(challenge()));

    auto too_early = begun();
    EXPECT_FALSE(too_early.on_server_final(right_end()));
    EXPECT_FALSE(too_early.on_server_first(challenge()));

    auto twice = answered();
    EXPECT_FALSE(twice.on_server_first(challenge()));
    EXPECT_FALSE(twice.on_server_final(right_end()));

    auto proven = answered();
    EXPECT_TRUE(proven.on_server_final(right_end()));
    EXPECT_FALSE(proven.on_server_final(right_end()));
    EXPECT_FALSE(proven.server_proven());
}

TEST_F(ScramClientTest, NeverPutsThePasswordIntoAnError) {
    for (const std::string& message :
         {std::string{"garbage"}, challenge() + ",", with(challenge(), "i=2", "i=0")}) {
        auto made = begun();
        EXPECT_EQ(made.on_server_first(message).error().message.find(testing::password), std::string::npos);
    }
}

TEST_F(ScramClientTest, BindsItselfWhereTheServerOffersThat) {
    auto made = client(ChannelBinding{"certificate hash"}, true);
    EXPECT_EQ(made.mechanism(), ScramMechanism::sha_256_plus);
    EXPECT_TRUE(made.client_first().starts_with("p=tls-server-end-point,,n=,r="));
    const auto answer = made.on_server_first(challenge());
    ASSERT_TRUE(answer);
    EXPECT_TRUE(
        answer->starts_with("c=" + encode_base64("p=tls-server-end-point,,certificate hash") + ",r="));
}

TEST_F(ScramClientTest, SaysThatItCouldHaveBoundItselfWhereTheServerOffersNoBinding) {
    auto made = client(ChannelBinding{"certificate hash"}, false);
    EXPECT_EQ(made.mechanism(), ScramMechanism::sha_256);
    EXPECT_TRUE(made.client_first().starts_with("y,,n=,r="));
    const auto answer = made.on_server_first(challenge());
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->starts_with("c=" + encode_base64("y,,") + ",r="));
}

TEST_F(ScramClientTest, CannotBindItselfWithoutTls) {
    auto made = client(std::nullopt, true);
    EXPECT_EQ(made.mechanism(), ScramMechanism::sha_256);
    EXPECT_TRUE(made.client_first().starts_with("n,,"));
}

}  // namespace
}  // namespace curfew::postgres
