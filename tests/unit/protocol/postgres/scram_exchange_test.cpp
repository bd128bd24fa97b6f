// ScramClient and ScramServer, one talking to the other.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/postgres/scram_client.hpp"
#include "protocol/postgres/scram_server.hpp"
#include "scram_testing.hpp"

namespace curfew::postgres {
namespace {

using Kind = ScramServer::Rejected::Kind;

// What happened in an exchange.
struct Exchange {
    std::vector<std::string> to_client;
    std::vector<std::string> to_server;
    std::optional<ScramServer::Rejected> rejected;
    bool client_satisfied = false;
};

Exchange run(ScramClient client, ScramServer server) {
    Exchange exchange;
    exchange.to_server.push_back(client.client_first());
    auto outcome = server.step(exchange.to_server.back());
    if (const auto* challenge = std::get_if<ScramServer::Challenge>(&outcome)) {
        exchange.to_client.push_back(challenge->message);
        const auto answer = client.on_server_first(challenge->message);
        if (!answer) return exchange;
        exchange.to_server.push_back(*answer);
        outcome = server.step(*answer);
    }
    if (const auto* accepted = std::get_if<ScramServer::Accepted>(&outcome)) {
        exchange.to_client.push_back(accepted->message);
        exchange.client_satisfied = client.on_server_final(accepted->message) && client.server_proven();
    }
    if (const auto* rejected = std::get_if<ScramServer::Rejected>(&outcome)) exchange.rejected = *rejected;
    return exchange;
}

Exchange log_in(std::string_view password, const ScramVerifier& verifier, bool known_user = true) {
    return run(ScramClient{Secret{std::string{password}}, std::nullopt, false},
               ScramServer{verifier, known_user, ScramMechanism::sha_256, std::nullopt});
}

std::vector<std::size_t> lengths(const std::vector<std::string>& messages) {
    std::vector<std::size_t> all;
    all.reserve(messages.size());
    for (const auto& message : messages)
        all.push_back(message.size());
    return all;
}

TEST(ScramExchange, LetsInWhoKnowsThePassword) {
    const auto exchange = log_in(testing::password, testing::verifier());
    EXPECT_FALSE(exchange.rejected);
    EXPECT_TRUE(exchange.client_satisfied);
}

TEST(ScramExchange, RefusesAWrongPassword) {
    const auto exchange = log_in("curfew rings at nine", testing::verifier());
    ASSERT_TRUE(exchange.rejected);
    EXPECT_EQ(exchange.rejected->kind, Kind::authentication_failed);
    EXPECT_FALSE(exchange.client_satisfied);
}

TEST(ScramExchange, LetsInWhoTypesAnEqualPasswordInOtherCharacters) {
    EXPECT_TRUE(log_in("\u2168\u00AD", ScramVerifier::make("IX", testing::salt)).client_satisfied);
}

TEST(ScramExchange, NeverRepeatsItself) {
    const auto one = log_in(testing::password, testing::verifier());
    const auto other = log_in(testing::password, testing::verifier());
    EXPECT_NE(one.to_client, other.to_client);
    EXPECT_NE(one.to_server, other.to_server);
}

TEST(ScramExchange, CannotBeReplayed) {
    const auto recorded = log_in(testing::password, testing::verifier());
    ScramServer server{testing::verifier(), true, ScramMechanism::sha_256, std::nullopt};
    server.step(recorded.to_server[0]);
    EXPECT_TRUE(std::holds_alternative<ScramServer::Rejected>(server.step(recorded.to_server[1])));
}

TEST(ScramExchange, LooksTheSameForAnUnknownUserAndAWrongPassword) {
    const auto unknown = log_in("guess", mock_verifier("mallory", "server secret"), false);
    const auto wrong = log_in("guess", testing::verifier());
    ASSERT_TRUE(unknown.rejected);
    ASSERT_TRUE(wrong.rejected);
    EXPECT_EQ(unknown.rejected->kind, wrong.rejected->kind);
    EXPECT_EQ(lengths(unknown.to_client), lengths(wrong.to_client));
    EXPECT_EQ(lengths(unknown.to_server), lengths(wrong.to_server));
}

TEST(ScramExchange, ShowsAnUnknownUserTheSameSaltAtEachTry) {
    const auto salt_shown = [] {
        const auto challenge =
            log_in("guess", mock_verifier("mallory", "server secret"), false).to_client.at(0);
        return challenge.substr(challenge.find(",s="));
    };
    EXPECT_EQ(salt_shown(), salt_shown());
}

class BoundExchange : public ::testing::Test {
protected:
    static Exchange log_in(std::optional<ChannelBinding> client_sees, bool client_hears_offer,
                           std::optional<ChannelBinding> server_has) {
        ScramClient client{Secret{std::string{testing::password}}, std::move(client_sees),
                           client_hears_offer};
        const auto mechanism = client.mechanism();
        return run(std::move(client),
                   ScramServer{testing::verifier(), true, mechanism, std::move(server_has)});
    }
    const ChannelBinding ours{"hash of our certificate"};
    const ChannelBinding theirs{"hash of the certificate of somebody in between"};
};

TEST_F(BoundExchange, LetsInWhoIsAtTheOtherEndOfThisConnection) {
    EXPECT_TRUE(log_in(ours, true, ours).client_satisfied);
}

TEST_F(BoundExchange, RefusesWhoIsPassedOnBySomebodyInBetween) {
    const auto exchange = log_in(theirs, true, ours);
    ASSERT_TRUE(exchange.rejected);
    EXPECT_EQ(exchange.rejected->kind, Kind::authentication_failed);
}

TEST_F(BoundExchange, RefusesWhoDidNotHearOfItBecauseOfSomebodyInBetween) {
    const auto exchange = log_in(theirs, false, ours);
    ASSERT_TRUE(exchange.rejected);
    EXPECT_EQ(exchange.rejected->kind, Kind::authentication_failed);
}

TEST_F(BoundExchange, LetsInWithoutWhereTheServerHasNone) {
    EXPECT_TRUE(log_in(ours, false, std::nullopt).client_satisfied);
}

TEST_F(BoundExchange, LetsInAClientThatHasNone) {
    EXPECT_TRUE(log_in(std::nullopt, true, ours).client_satisfied);
}

}  // namespace
}  // namespace curfew::postgres
