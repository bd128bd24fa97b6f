#include "protocol/postgres/scram_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/scram_attributes.hpp"
#include "scram_testing.hpp"

namespace curfew::postgres {
namespace {

using testing::with;
using Kind = ScramServer::Rejected::Kind;

// A client written out by hand, so that it can send what ScramClient never would.
class ScramServerTest : public ::testing::Test {
protected:
    static constexpr std::string_view client_nonce = "fyko+d2lbbFgONRv9qkxdawL";

    static ScramServer server(ScramMechanism mechanism = ScramMechanism::sha_256,
                              std::optional<ChannelBinding> binding = std::nullopt) {
        return ScramServer{testing::verifier(), true, mechanism, std::move(binding), testing::all(7)};
    }
    static ScramServer plus_server() { return server(ScramMechanism::sha_256_plus, binding()); }
    static ChannelBinding binding() { return {"the server's certificate, hashed"}; }

    static std::string first(std::string_view gs2_header = "n,,") {
        return std::string{gs2_header} + "n=,r=" + std::string{client_nonce};
    }
    // The client-final-message that answers `challenge`, with a proof that is right for what it says.
    static std::string last(const std::string& challenge, const std::string& channel_binding = "n,,",
                            std::string_view extension = "") {
        const auto nonce = challenge.substr(2, challenge.find(',') - 2);
        const std::string without_proof =
            "c=" + encode_base64(channel_binding) + ",r=" + nonce + std::string{extension};
        const ScramKeys keys = derive_scram_keys(testing::password, testing::salt, 4096);
        const std::string authenticated =
            "n=,r=" + std::string{client_nonce} + "," + challenge + "," + without_proof;
        return without_proof + ",p=" + encode_base64(client_proof(keys.client_key, authenticated));
    }

    static std::string challenge_of(ScramServer& server, std::string_view message) {
        return std::get<ScramServer::Challenge>(server.step(message)).message;
    }
    // A server that has sent its challenge, and the challenge.
    static std::pair<ScramServer, std::string> challenged() {
        auto begun = server();
        auto challenge = challenge_of(begun, first());
        return {std::move(begun), std::move(challenge)};
    }
    static void expect_rejected(const ScramServer::Outcome& outcome, Kind kind, std::string_view what = "") {
        const auto* rejected = std::get_if<ScramServer::Rejected>(&outcome);
        ASSERT_NE(rejected, nullptr) << what;
        EXPECT_EQ(rejected->kind, kind) << what << ": " << rejected->reason;
        EXPECT_FALSE(rejected->reason.empty());
    }
};

TEST_F(ScramServerTest, ChallengesWithBothNoncesSaltAndIterations) {
    auto begun = server();
    EXPECT_EQ(challenge_of(begun, first()), "r=" + std::string{client_nonce} + testing::nonce_of(7) +
                                                ",s=" + encode_base64(testing::salt) + ",i=4096");
}

TEST_F(ScramServerTest, AcceptsTheRightProofAndProvesItself) {
    auto [begun, challenge] = challenged();
    const auto message = last(challenge);
    const auto outcome = begun.step(message);
    ASSERT_TRUE(std::holds_alternative<ScramServer::Accepted>(outcome));

    const std::string authenticated =
        "n=,r=" + std::string{client_nonce} + "," + challenge + "," + message.substr(0, message.find(",p="));
    EXPECT_EQ(std::get<ScramServer::Accepted>(outcome).message,
              "v=" + encode_base64(server_signature(testing::verifier().server_key, authenticated)));
}

TEST_F(ScramServerTest, AsksAnewWhereTheFirstResponseBroughtNoData) {
    auto begun = server();
    EXPECT_EQ(std::get<ScramServer::Challenge>(begun.step(std::nullopt)).message, "");
    const auto challenge = challenge_of(begun, first());
    EXPECT_TRUE(std::holds_alternative<ScramServer::Accepted>(begun.step(last(challenge))));
}

TEST_F(ScramServerTest, AsksAnewOnlyOnce) {
    auto begun = server();
    begun.step(std::nullopt);
    expect_rejected(begun.step(std::nullopt), Kind::protocol_violation);
}

TEST_F(ScramServerTest, IgnoresTheNameInsideTheExchange) {
    auto begun = server();
    EXPECT_TRUE(std::holds_alternative<ScramServer::Challenge>(begun.step("n,,n=somebody=2Celse,r=abc")));
}

TEST_F(ScramServerTest, IgnoresExtensionsThatItMayIgnore) {
    auto begun = server();
    EXPECT_TRUE(std::holds_alternative<ScramServer::Challenge>(begun.step(first() + ",x=1,z=")));
    auto [other, challenge] = challenged();
    EXPECT_TRUE(std::holds_alternative<ScramServer::Accepted>(other.step(last(challenge, "n,,", ",x=1"))));
}

TEST_F(ScramServerTest, RefusesExtensionsThatItMustUnderstand) {
    for (const auto* message : {"n,,m=1,n=,r=abc", "n,,n=,r=abc,m=1"}) {
        auto begun = server();
        expect_rejected(begun.step(message), Kind::protocol_violation, message);
    }
    auto [begun, challenge] = challenged();
    expect_rejected(begun.step(last(challenge, "n,,", ",m=1")), Kind::protocol_violation);
}

TEST_F(ScramServerTest, RefusesAnotherAuthorizationIdentity) {
    auto begun = server();
    expect_rejected(begun.step(first("n,a=admin,")), Kind::protocol_violation);
}

TEST_F(ScramServerTest, RefusesAMalformedFirstMessage) {
    for (const std::string& message : {std::string{},
                                       std::string{"n"},
                                       std::string{"n,"},
                                       std::string{"n,,"},
                                       std::string{"n,,n="},
                                       std::string{"n,,r=abc"},
                                       std::string{"n,,n=,r="},
                                       std::string{"n,,n=,r=a b"},
                                       std::string{"n,,n=,r=\x7F"},
                                       std::string{"n,,n=,r=\xC3\xA4"},
                                       std::string{"n,,r=abc,n="},
                                       std::string{"n,,n=,r=abc,"},
                                       std::string{"n,,n=,r=abc,x"},
                                       std::string{"n,,n=,r=abc,1=x"},
                                       std::string{"x,,n=,r=abc"},
                                       std::string{"nn,,n=,r=abc"},
                                       std::string{"N,,n=,r=abc"},
                                       std::string{",,n=,r=abc"},
                                       std::string{"p,,n=,r=abc"},
                                       std::string{"n,,n=a\0b,r=abc", 14},
                                       std::string{"secret\0", 7},
                                       std::string(100, ','),
                                       std::string(100, 'n')}) {
        auto begun = server();
        expect_rejected(begun.step(message), Kind::protocol_violation, message);
    }
}

TEST_F(ScramServerTest, RefusesMessagesThatAreTooLong) {
    auto begun = server();
    const auto header = first().substr(0, 8);
    const std::string longest = header + std::string(longest_scram_message - header.size(), 'x');
    EXPECT_TRUE(std::holds_alternative<ScramServer::Challenge>(begun.step(longest)));

    auto other = server();
    expect_rejected(other.step(longest + "x"), Kind::protocol_violation);
}

TEST_F(ScramServerTest, RefusesAMalformedFinalMessage) {
    const auto challenge = challenged().second;
    const std::string good = last(challenge);
    for (const std::string& message :
         {std::string{}, with(good, "c=biws,", ""), with(good, "c=", "C="), with(good, ",r=", ",q="),
          with(good, ",p=", ",P="), good.substr(0, good.find(",p=")), good.substr(0, good.size() - 1),
          good + ",", good + ",x=1", good + "x", with(good, ",p=", ",,p="), with(good, ",p=", ",p=AAAA"),
          good.substr(0, good.find(",p=") + 3), good.substr(0, good.find(",p=") + 3) + "!!!!", first()}) {
        auto begun = challenged().first;
        expect_rejected(begun.step(message), Kind::protocol_violation, message);
    }
}

TEST_F(ScramServerTest, RefusesAnotherExchangesNonce) {
    auto [begun, challenge] = challenged();
    expect_rejected(begun.step(last(with(challenge, client_nonce, "gyko+d2lbbFgONRv9qkxdawL"))),
                    Kind::protocol_violation);
    auto [other, same_challenge] = challenged();
    expect_rejected(other.step(last(with(same_challenge, ",s=", "x,s="))), Kind::protocol_violation);
}

TEST_F(ScramServerTest, RefusesAnyProofWithABitChanged) {
    const auto good = last(challenged().second);
    const auto proof_at = good.find(",p=") + 3;
    for (std::size_t bit = 0; bit < scram_key_size * 8; ++bit) {
        auto proof = *decode_base64(std::string_view{good}.substr(proof_at));
        proof[bit / 8] = static_cast<char>(proof[bit / 8] ^ (1 << (bit % 8)));
        auto begun = challenged().first;
        expect_rejected(begun.step(good.substr(0, proof_at) + encode_base64(proof)),
                        Kind::authentication_failed);
    }
}

TEST_F(ScramServerTest, RefusesTheRightProofOfAnUnknownUser) {
    ScramServer begun{testing::verifier(), false, ScramMechanism::sha_256, std::nullopt, testing::all(7)};
    const auto challenge = challenge_of(begun, first());
    expect_rejected(begun.step(last(challenge)), Kind::authentication_failed);
}

TEST_F(ScramServerTest, TakesNothingAfterItsEnd) {
    auto [begun, challenge] = challenged();
    const auto message = last(challenge);
    ASSERT_TRUE(std::holds_alternative<ScramServer::Accepted>(begun.step(message)));
    expect_rejected(begun.step(message), Kind::protocol_violation);
    expect_rejected(begun.step(first()), Kind::protocol_violation);
}

TEST_F(ScramServerTest, TakesNothingAfterAFailure) {
    auto [begun, challenge] = challenged();
    expect_rejected(begun.step("garbage"), Kind::protocol_violation);
    expect_rejected(begun.step(last(challenge)), Kind::protocol_violation);
    expect_rejected(begun.step(first()), Kind::protocol_violation);
}

using ScramServerChannelBinding = ScramServerTest;

TEST_F(ScramServerChannelBinding, AcceptsAClientBoundToThisConnection) {
    auto begun = plus_server();
    const auto challenge = challenge_of(begun, first("p=tls-server-end-point,,"));
    EXPECT_TRUE(std::holds_alternative<ScramServer::Accepted>(
        begun.step(last(challenge, "p=tls-server-end-point,," + binding().data))));
}

TEST_F(ScramServerChannelBinding, RefusesAClientBoundToAnotherConnection) {
    auto begun = plus_server();
    const auto challenge = challenge_of(begun, first("p=tls-server-end-point,,"));
    expect_rejected(begun.step(last(challenge, "p=tls-server-end-point,,somebody else's certificate")),
                    Kind::authentication_failed);
}

TEST_F(ScramServerChannelBinding, RefusesAClientThatAnnouncedABindingAndLeavesItOut) {
    for (const auto* header : {"p=tls-server-end-point,,", "n,,", "y,,"}) {
        auto begun = plus_server();
        const auto challenge = challenge_of(begun, first("p=tls-server-end-point,,"));
        expect_rejected(begun.step(last(challenge, header)), Kind::authentication_failed, header);
    }
}

TEST_F(ScramServerChannelBinding, RefusesADowngrade) {
    auto begun = server(ScramMechanism::sha_256, binding());
    expect_rejected(begun.step(first("y,,")), Kind::authentication_failed);
}

TEST_F(ScramServerChannelBinding, AcceptsAClientThatCouldBindItselfWhereThatWasNotOffered) {
    auto begun = server();
    const auto challenge = challenge_of(begun, first("y,,"));
    EXPECT_TRUE(std::holds_alternative<ScramServer::Accepted>(begun.step(last(challenge, "y,,"))));
}

TEST_F(ScramServerChannelBinding, AcceptsAClientThatCannotBindItself) {
    auto begun = server(ScramMechanism::sha_256, binding());
    const auto challenge = challenge_of(begun, first("n,,"));
    EXPECT_TRUE(std::holds_alternative<ScramServer::Accepted>(begun.step(last(challenge))));
}

TEST_F(ScramServerChannelBinding, RefusesAFlagThatChangesOnTheWay) {
    auto begun = server();
    const auto challenge = challenge_of(begun, first("n,,"));
    expect_rejected(begun.step(last(challenge, "y,,")), Kind::authentication_failed);
}

TEST_F(ScramServerChannelBinding, RefusesAFlagThatDoesNotFitTheMechanism) {
    for (const auto* header : {"n,,", "y,,", "p=tls-unique,,", "p=tls-server-end-point2,,", "p=,,"}) {
        auto begun = plus_server();
        expect_rejected(begun.step(first(header)), Kind::protocol_violation, header);
    }
    auto plain = server(ScramMechanism::sha_256, binding());
    expect_rejected(plain.step(first("p=tls-server-end-point,,")), Kind::protocol_violation);
}

TEST_F(ScramServerChannelBinding, RefusesAMechanismThatWasNotOffered) {
    auto begun = server(ScramMechanism::sha_256_plus, std::nullopt);
    expect_rejected(begun.step(first("p=tls-server-end-point,,")), Kind::protocol_violation);
}

}  // namespace
}  // namespace curfew::postgres
