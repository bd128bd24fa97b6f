// What takes a right away ends what stands on it, live sessions included, as one act: when the command
// returns, it is over. Each by the command that people use, with libpq in a session behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli_office.hpp"
#include "support/pg_connection.hpp"
#include "support/timing.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A person, a group and a resource of the test's own, and the person in a session there.
class RightLost : public AtTheOffice {
protected:
    RightLost() {
        ada.does({"admin", "create", "user", person.name()});
        ada.does({"admin", "create", "group", group, "--members", person.name()});
        ada.does({"admin", "edit", "rule", resource, "--required-groups", group});
        person.does({"login", "--one-time", ada.does({"admin", "link", person.name()})},
                    std::string{Person::password} + "\n");
        request = text_of(person.asks({"request", resource, "--for", "1h"}), "id");
    }

    static std::string text_of(const boost::json::value& document, const char* member) {
        return std::string{document.at(member).as_string()};
    }
    std::string uri() const {
        auto printed = person.does({"connect", resource, "--print"});
        printed.pop_back();
        return printed;
    }
    std::string status() const { return text_of(ada.asks({"show", request}), "status"); }
    std::string decision() const { return text_of(ada.asks({"show", request}), "decision"); }
    static void expect_told(PgConnection& session) {
        EXPECT_THAT(session.failure("SELECT 1").what(), HasSubstr("FATAL:  access to"));
    }
    // Nothing of this resource's is live, and nobody gets in any more.
    void expect_over(PgConnection& session, const std::string& uri_before) {
        const auto sessions = ada.asks({"sessions"});
        for (const auto& live : sessions.at("items").as_array()) {
            EXPECT_FALSE(text_of(live, "resource") == resource && text_of(live, "phase") == "live") << live;
        }
        expect_told(session);
        EXPECT_THAT(refusal(uri_before), HasSubstr("FATAL"));
        EXPECT_TRUE(office.postgres().await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + backend));
    }
    // The person's session, once bob has approved.
    PgConnection enter() {
        bob.does({"approve", request});
        credential = uri();
        PgConnection session{credential};
        backend = session.value("SELECT pg_backend_pid()");
        return session;
    }

    const std::string resource = new_resource();
    const std::string group = "team-" + resource;
    Person person{"zoe-" + resource};
    std::string request;
    std::string credential;
    std::string backend;
};

TEST_F(RightLost, EndsAllSessionsWhenTheApproverRevokes) {
    auto session = enter();
    PgConnection second{credential};
    bob.does({"revoke", request, "--reason", "an incident"});
    expect_over(session, credential);
    expect_told(second);
    EXPECT_EQ(status(), "REVOKED");
}

TEST_F(RightLost, ClosesTheClientWithin100MillisecondsOfARevocation) {
    auto session = enter();
    office.curfew().log().await("session.admitted", {{"resource", resource}});
    person.does({"revoke", request});
    const auto end = office.curfew().log().await("session.ended", {{"resource", resource}});
    EXPECT_EQ(end.text("cause"), "grant_revoked");
    EXPECT_EQ(end.text("confirmation"), "eof") << "the resource has no administrative login";
    EXPECT_LE(end.number("client_overstay_ms"), within(100ms).count());
}

TEST_F(RightLost, EndsThemWhenTheUserIsDeleted) {
    auto session = enter();
    ada.does({"admin", "delete", "user", person.name()});
    expect_over(session, credential);
    EXPECT_EQ(status(), "REVOKED");
    EXPECT_EQ(decision(), "right_lost");
    EXPECT_EQ(person.curfew({"whoami"}).exit_code, 7) << "signed out everywhere";
}

TEST_F(RightLost, EndsThemWhenTheRuleIsDeleted) {
    auto session = enter();
    ada.does({"admin", "delete", "rule", resource});
    expect_over(session, credential);
    EXPECT_EQ(decision(), "right_lost");
}

TEST_F(RightLost, EndsThemWhenTheMembershipIsTakenAway) {
    auto session = enter();
    ada.does({"admin", "edit", "group", group, "--remove", person.name()});
    expect_over(session, credential);
    EXPECT_EQ(decision(), "right_lost");
    EXPECT_EQ(person.curfew({"request", resource, "--for", "1h"}).exit_code, 6) << "may not ask again either";
}

TEST_F(RightLost, EndsThemWhenTheResourceIsDeleted) {
    auto session = enter();
    ada.does({"admin", "delete", "resource", resource});
    expect_told(session);
    EXPECT_EQ(decision(), "right_lost");
}

TEST_F(RightLost, RejectsWhatStillWaits) {
    ada.does({"admin", "edit", "group", group, "--remove", person.name()});
    EXPECT_EQ(status(), "REJECTED");
    EXPECT_EQ(bob.curfew({"approve", request}).exit_code, 4);
}

TEST_F(RightLost, LeavesAloneWhatAStricterRuleWouldNotGiveAgain) {
    auto session = enter();
    ada.does({"admin", "edit", "rule", resource, "--max-duration", "1m", "--default-duration", "1m",
              "--break-glass-duration", "1m", "--reason-required"});
    EXPECT_EQ(session.value("SELECT 1"), "1");
    EXPECT_EQ(status(), "APPROVED");
}

}  // namespace
}  // namespace curfew::test
