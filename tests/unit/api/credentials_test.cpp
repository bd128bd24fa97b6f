// What people log in with: a password for one grant, and everything that a client needs beside it.
#include <gmock/gmock.h>

#include <boost/json/object.hpp>

#include "protocol/postgres/scram_verifier.hpp"
#include "requests_fixture.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class Credentials : public AskingByHttp {
protected:
    HttpReply issue(const std::string& who, const std::string& request) {
        return call(who, "POST", "/requests/" + request + "/credential");
    }
    // Whether the node lets somebody in with it.
    bool opens(const std::string& password) {
        const auto verifier = told_to_the_node().back().grant.verifier;
        return verifier &&
               postgres::matches(postgres::ScramVerifier::parse(verifier->reveal()).value(), password);
    }
};

TEST_F(Credentials, AreForTheRequesterOfAnApprovedRequest) {
    const auto id = pending("bob", "managed");
    EXPECT_EQ(issue("bob", id).status, 409) << "is PENDING";
    review("carol", id);
    EXPECT_EQ(issue("carol", id).status, 403);
    EXPECT_EQ(issue("ann", id).status, 403);
    EXPECT_EQ(issue("bob", "r-00000000").status, 404);
    const auto reply = issue("bob", id);
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.headers.at("cache-control"), "no-store");
    const auto credential = reply.json();
    EXPECT_EQ(credential.at("user"), "bob");
    EXPECT_EQ(credential.at("ends_at"), "2020-01-01T13:00:00Z");
    EXPECT_THAT(text(credential.at("password")), SizeIs(32));
    EXPECT_TRUE(opens(text(credential.at("password"))));
}

TEST_F(Credentials, SayHowToConnect) {
    const auto credential = issue("bob", approved("bob", "managed")).json();
    const auto password = text(credential.at("password"));
    EXPECT_EQ(credential.at("host"), "127.0.0.1");
    EXPECT_EQ(credential.at("port"), 6432);
    EXPECT_EQ(credential.at("database"), "managed");
    EXPECT_EQ(text(credential.at("uri")), "postgresql://bob:" + password + "@127.0.0.1:6432/managed");
    EXPECT_EQ(text(credential.at("pgpass")), "127.0.0.1:6432:managed:bob:" + password);
    EXPECT_EQ(text(credential.at("service_file")),
              "[managed]\nhost=127.0.0.1\nport=6432\nuser=bob\ndbname=managed\n");
}

TEST_F(Credentials, KillTheOneBefore) {
    const auto id = approved("bob", "managed");
    const auto first = text(issue("bob", id).json().at("password"));
    const auto second = text(issue("bob", id).json().at("password"));
    EXPECT_FALSE(opens(first));
    EXPECT_TRUE(opens(second));
}

TEST_F(Credentials, AreNotForResourcesWherePeopleLogInThemselves) {
    const auto reply = issue("bob", approved("bob", "prod"));
    EXPECT_EQ(reply.status, 409);
    EXPECT_THAT(detail(reply), HasSubstr("your own PostgreSQL password"));
}

TEST_F(Credentials, AreNotMadeWhereThereIsNoWayToTheResource) {
    admin.with_control([](FakeControl& control) { control.node_status.listeners.clear(); });
    const auto reply = issue("bob", approved("bob", "managed"));
    EXPECT_EQ(reply.status, 409);
    EXPECT_THAT(detail(reply), HasSubstr("No listener"));
    EXPECT_FALSE(told_to_the_node().back().grant.verifier);
}

TEST_F(Credentials, AreGoneWithTheGrant) {
    const auto id = approved("bob", "managed");
    issue("bob", id);
    call("bob", "POST", "/requests/" + id + "/revoke");
    EXPECT_FALSE(told_to_the_node().back().grant.verifier);
    EXPECT_EQ(issue("bob", id).status, 409);
}

TEST_F(Credentials, TakeNoFields) {
    const auto id = approved("bob", "managed");
    EXPECT_EQ(call("bob", "POST", "/requests/" + id + "/credential", R"({"password":"mine"})").status, 400);
}

}  // namespace
}  // namespace curfew::test
