#include "workflow/standing_privileges.hpp"

#include <gmock/gmock.h>

#include "desk_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using workflow::StandingPrivilege;
using Kind = StandingPrivilege::Kind;

class StandingPrivileges : public DeskTest {
protected:
    store::GrantCountdown given(const std::string& subject, Duration length) {
        store::NewGrant grant;
        grant.subject = policy::parse_subject(subject).value();
        grant.resource = "prod";
        grant.length = length;
        grant.given_by = "root";
        return await(store->add_grant(grant)).value();
    }
    std::vector<std::string> found(const std::vector<store::GrantCountdown>& grants = {}) {
        std::vector<std::string> words;
        for (const auto& privilege : workflow::standing_privileges(*registry->rulebook(), grants)) {
            words.push_back(std::string{to_string(privilege.kind)} + " " + privilege.resource + " " +
                            privilege.who);
        }
        return words;
    }
};

TEST_F(StandingPrivileges, NameThoseWhoNeedNobodysApproval) {
    declare(replaced(declared, "approval_groups: [dba]",
                     "approval_groups: [dba]\n    skip_review_groups: [dba]\n"
                     "    force_approval_groups: [dba]"))
        .value();
    EXPECT_THAT(found(), Contains("administrators  group:administrators"));
    EXPECT_THAT(found(), Contains("skipped_review prod group:dba"));
    EXPECT_THAT(found(), Contains("forced_review prod group:dba"));
}

TEST_F(StandingPrivileges, AreNotOfRulesThatAskForReviews) {
    EXPECT_THAT(found(), ElementsAre("administrators  group:administrators"));
}

TEST_F(StandingPrivileges, AreGrantsByHandThatLastOrAreForMany) {
    EXPECT_THAT(found({given("alice", 24h * 8)}), Contains("long_grant prod alice"));
    EXPECT_THAT(found({given("group:dba", 1h)}), Contains("shared_grant prod group:dba"));
    EXPECT_THAT(found({given("alice", 24h * 7)}), Not(Contains("long_grant prod alice")));
}

TEST_F(StandingPrivileges, AreNoGrantsThatWereAskedForOrAreOver) {
    auto asked = given("alice", 24h * 8);
    asked.grant.request = RequestId::generate();
    auto over = given("*", 24h * 8);
    over.grant.revoked = {clock.wall_now(), "root", ""};
    EXPECT_THAT(found({asked, over}), ElementsAre("administrators  group:administrators"));
}

TEST_F(StandingPrivileges, AreOfPostgresqlWhatLetsSomebodyBeMore) {
    const auto privileges = workflow::standing_privileges(
        "prod", {{"role_superuser", policy::Severity::serious, "\"alice\" is a superuser", "Change that"},
                 {"client_connection_check", policy::Severity::warning, "It is off", "Set it"}});
    ASSERT_EQ(privileges.size(), 1U);
    EXPECT_EQ(privileges[0].kind, Kind::database);
    EXPECT_EQ(privileges[0].resource, "prod");
    EXPECT_EQ(privileges[0].source, "role_superuser");
    EXPECT_THAT(privileges[0].detail, HasSubstr("superuser"));
}

}  // namespace
}  // namespace curfew::test
