#include "policy/hba.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace curfew::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Names = std::vector<std::string>;

const std::string a_single_address = "255.255.255.255";

HbaRule local(const std::string& method, Names users = {"all"}, Names databases = {"all"}) {
    return {1, "local", std::move(databases), std::move(users), "", "", method, ""};
}
HbaRule host(const std::string& address, const std::string& mask, const std::string& method = "scram-sha-256",
             Names users = {"all"}, Names databases = {"all"}) {
    return {1, "host", std::move(databases), std::move(users), address, mask, method, ""};
}

class WaysIn : public testing::Test {
protected:
    // What is left to alice, a member of dba; Curfew comes from 192.0.2.10.
    std::vector<WayIn> ways(std::vector<HbaRule> rules) {
        for (std::size_t i = 0; i < rules.size(); ++i)
            rules[i].line = static_cast<int>(i) + 1;
        return ways_in(rules, {alice}, place);
    }
    std::vector<int> lines(std::vector<HbaRule> rules) {
        std::vector<int> numbers;
        for (const WayIn& way : ways(std::move(rules)))
            numbers.push_back(way.rule.line);
        return numbers;
    }
    Origin origin(const HbaRule& rule) { return ways({rule}).at(0).origin; }
    Proof proof(const HbaRule& rule) { return ways({rule}).at(0).proof; }

    HbaRole alice{"alice", {"dba"}, false};
    HbaPlace place{HbaPlace::Listens::everywhere, {AddressRange::parse("192.0.2.10").value()}, false};
    const HbaRule all_reject = host("all", "", "reject");
};

TEST_F(WaysIn, AreWhatALineSaysWithoutRejecting) {
    EXPECT_THAT(lines({host("10.0.0.0", "255.0.0.0")}), ElementsAre(1));
    EXPECT_THAT(lines({host("10.0.0.0", "255.0.0.0", "reject")}), IsEmpty());
    EXPECT_THAT(ways({host("10.0.0.0", "255.0.0.0")}).at(0).roles, ElementsAre("alice"));
}

TEST_F(WaysIn, AreForWhomTheLineNames) {
    for (const char* user : {"all", "alice", "+dba", "+alice", "/^a"})
        EXPECT_THAT(lines({host("all", "", "md5", {"bob", user})}), ElementsAre(1)) << user;
    for (const char* user : {"bob", "dba", "+bob", "Alice"})
        EXPECT_THAT(lines({host("all", "", "md5", {user})}), IsEmpty()) << user;
}

TEST_F(WaysIn, AreNotWhatAnEarlierLineDecided) {
    EXPECT_THAT(lines({all_reject, host("10.0.0.0", "255.0.0.0")}), IsEmpty());
    EXPECT_THAT(lines({host("10.0.0.0", "255.0.0.0"), host("10.1.0.0", "255.255.0.0", "trust")}),
                ElementsAre(1));
    EXPECT_THAT(lines({host("all", "", "reject", {"+dba"}), host("all", "")}), IsEmpty());
}

TEST_F(WaysIn, AreWhatAnEarlierLineLeaves) {
    EXPECT_THAT(lines({host("10.1.0.0", "255.255.0.0", "reject"), host("10.0.0.0", "255.0.0.0")}),
                ElementsAre(2))
        << "a wider range";
    EXPECT_THAT(lines({host("all", "", "reject", {"bob"}), host("all", "")}), ElementsAre(2))
        << "another role";
    EXPECT_THAT(lines({host("all", "", "reject", {"/^a"}), host("all", "")}), ElementsAre(2))
        << "perhaps another role";
    EXPECT_THAT(lines({host("all", "", "reject", {"all"}, {"orders"}), host("all", "")}), ElementsAre(2))
        << "another database";
    EXPECT_THAT(lines({all_reject, local("md5")}), ElementsAre(2)) << "the Unix socket";
    EXPECT_THAT(lines({host("db.example.com", "", "reject"), host("db.example.org", "")}), ElementsAre(2))
        << "another name";
}

TEST_F(WaysIn, AreWhatALineForSomeConnectionsLeavesToOthers) {
    HbaRule encrypted = all_reject;
    encrypted.type = "hostssl";
    EXPECT_THAT(lines({encrypted, host("all", "")}), ElementsAre(2));
    HbaRule let_in = host("all", "");
    let_in.type = "hostssl";
    EXPECT_THAT(lines({all_reject, let_in}), IsEmpty());
}

TEST_F(WaysIn, AreNotByALineThatPostgresCannotUse) {
    HbaRule wrong = host("all", "");
    wrong.error = "invalid authentication method";
    EXPECT_THAT(lines({wrong}), IsEmpty());
    wrong.method = "reject";
    EXPECT_THAT(lines({wrong, host("all", "")}), ElementsAre(2));
}

TEST_F(WaysIn, AreNotByLinesForReplicationForWhoMayNotReplicate) {
    const HbaRule replicating = host("all", "", "md5", {"all"}, {"replication"});
    EXPECT_THAT(lines({replicating}), IsEmpty());
    alice.replication = true;
    EXPECT_THAT(lines({replicating}), ElementsAre(1));
    EXPECT_THAT(lines({all_reject, replicating}), ElementsAre(2)) << "`all` is not for replication";
}

TEST_F(WaysIn, AreNotWherePostgresDoesNotListen) {
    place.listens = HbaPlace::Listens::nowhere;
    EXPECT_THAT(lines({host("all", ""), local("md5")}), ElementsAre(2));
    place.listens = HbaPlace::Listens::loopback;
    EXPECT_THAT(lines({host("10.0.0.0", "255.0.0.0"), host("127.0.0.1", a_single_address), host("::1", ""),
                       host("0.0.0.0", "0.0.0.0", "md5", {"alice"})}),
                ElementsAre(2, 3, 4));
}

TEST_F(WaysIn, AreCurfewsOwnIfNothingButItsAddressIsLetIn) {
    EXPECT_EQ(origin(host("192.0.2.10", a_single_address)), Origin::curfew);
    EXPECT_EQ(origin(host("192.0.2.10", "255.255.255.254")), Origin::network);
    EXPECT_EQ(origin(host("192.0.2.11", a_single_address)), Origin::network);
    EXPECT_EQ(origin(host("curfew.example.com", "")), Origin::network) << "a name may mean anything";
}

TEST_F(WaysIn, AreFromTheServersMachineBySocketAndLoopback) {
    EXPECT_EQ(origin(local("md5")), Origin::machine);
    EXPECT_EQ(origin(host("127.0.0.1", a_single_address)), Origin::machine);
    EXPECT_EQ(origin(host("::1", "")), Origin::machine);
    EXPECT_EQ(origin(host("samehost", "")), Origin::machine);
    EXPECT_EQ(origin(host("samenet", "")), Origin::network);
    EXPECT_EQ(origin(host("all", "")), Origin::network);
    place.listens = HbaPlace::Listens::loopback;
    EXPECT_EQ(origin(host("all", "")), Origin::machine);
}

TEST_F(WaysIn, AskForWhatTheirMethodDoes) {
    EXPECT_EQ(proof(host("all", "", "trust")), Proof::nothing);
    EXPECT_EQ(proof(host("all", "", "ident")), Proof::nothing);
    EXPECT_EQ(proof(local("ident")), Proof::account);
    EXPECT_EQ(proof(local("peer")), Proof::account);
    for (const char* method : {"password", "md5", "scram-sha-256", "cert", "gss", "ldap"})
        EXPECT_EQ(proof(host("all", "", method)), Proof::secret) << method;
}

TEST(HbaRule, IsWrittenAsItStandsInTheFile) {
    EXPECT_EQ(to_string(host("10.0.0.0", "255.0.0.0", "md5", {"alice", "bob"}, {"orders"})),
              "host orders alice,bob 10.0.0.0/255.0.0.0 md5");
    EXPECT_EQ(to_string(local("peer")), "local all all peer");
}

}  // namespace
}  // namespace curfew::policy
