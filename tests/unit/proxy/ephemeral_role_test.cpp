#include "proxy/ephemeral_role.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace curfew::test {
namespace {

using proxy::EphemeralRole;
using proxy::parse_role_comment;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const GrantId grant = *GrantId::parse("g-7k3mq9xd");
const std::string ours(32, 'a');

EphemeralRole role_of(const std::string& user) {
    return {user, grant, "prod"};
}

TEST(EphemeralRoleName, BearsThePersonAndTheGrant) {
    EXPECT_EQ(role_name(role_of("alice")), "curfew_alice_g-7k3mq9xd");
    EXPECT_EQ(role_name(role_of("Al \"Ice\"; --")), "curfew_Al \"Ice\"; --_g-7k3mq9xd");
}

TEST(EphemeralRoleName, KeepsAsMuchOfTheUserAsPostgresHasRoomFor) {
    const std::string longest(45, 'u');
    EXPECT_EQ(role_name(role_of(longest)), "curfew_" + longest + "_g-7k3mq9xd");
    EXPECT_THAT(role_name(role_of(longest)), SizeIs(63));
    const std::string cut = role_name(role_of(longest + "u"));
    EXPECT_THAT(cut, SizeIs(63));
    EXPECT_THAT(cut, StartsWith("curfew_" + std::string(36, 'u') + "~"));
}

TEST(EphemeralRoleName, TellsPeopleApartWhoseNamesBeginAlike) {
    const std::string same(50, 'u');
    EXPECT_NE(role_name(role_of(same + "1")), role_name(role_of(same + "2")));
    EXPECT_EQ(role_name(role_of(same + "1")), role_name(role_of(same + "1")));
}

TEST(EphemeralRoleName, IsNotCutWithinACharacter) {
    std::string user = "u";
    for (int i = 0; i < 25; ++i)
        user += "\xC3\xBC";  // ü
    const std::string name = role_name(role_of(user));
    EXPECT_THAT(name, StartsWith("curfew_" + user.substr(0, 35) + "~"));
    EXPECT_LE(name.size(), 63U);
}

TEST(EphemeralRoleComment, TellsWhoMadeItAndForWhom) {
    for (const std::string user : {"alice", "al ice", "a user=b grant=g-00000000", "O'Hara\\"}) {
        const std::string comment = role_comment(role_of(user), ours);
        EXPECT_EQ(parse_role_comment(comment, ours), role_of(user)) << comment;
    }
}

TEST(EphemeralRoleComment, IsNotTakenForAnotherInstallations) {
    const std::string comment = role_comment(role_of("alice"), ours);
    EXPECT_EQ(parse_role_comment(comment, std::string(32, 'b')), std::nullopt);
    EXPECT_EQ(parse_role_comment(comment, ours.substr(1)), std::nullopt);
    EXPECT_EQ(parse_role_comment(role_comment(role_of("alice"), ""), ""), std::nullopt)
        << "whoever has no mark has no roles";
}

TEST(EphemeralRoleComment, IsNothingElse) {
    const std::string comment = role_comment(role_of("alice"), ours);
    for (std::size_t length = 0; length + 5 <= comment.size(); ++length)
        EXPECT_EQ(parse_role_comment(comment.substr(0, length), ours), std::nullopt) << length;
    EXPECT_EQ(parse_role_comment("the nightly job's role", ours), std::nullopt);
    EXPECT_EQ(parse_role_comment(" " + comment, ours), std::nullopt);
}

TEST(EphemeralRoleInstallation, IsSteadyAndGivesTheSecretNotAway) {
    const Secret secret{"the secret of this installation!"};
    const std::string mark = proxy::installation_mark(secret);
    EXPECT_EQ(mark, proxy::installation_mark(secret));
    EXPECT_NE(mark, proxy::installation_mark(Secret{"the secret of another one here!!"}));
    EXPECT_THAT(mark, AllOf(SizeIs(32), Not(HasSubstr("secret"))));
    EXPECT_EQ(mark.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(EphemeralRoleQuoting, LeavesNothingToInterpretation) {
    EXPECT_EQ(proxy::quoted_identifier(R"(a"b'c\d)"), R"("a""b'c\d")");
    EXPECT_EQ(proxy::quoted_literal(R"(a"b'c)"), R"('a"b''c')");
    EXPECT_EQ(proxy::quoted_literal(R"(a\'b)"), R"( E'a\\''b')") << "whatever standard_conforming_strings is";
}

TEST(EphemeralRoleStatements, MakeARoleThatCanDoNothingOfItself) {
    const auto statements = create_role_sql(role_of("O'Hara \"x\""), ours, "SCRAM-SHA-256$4096:s$k:k",
                                            "2026-01-01 00:00:00.000000+00", {"app \"rw\"", "reader"});
    const std::string name = R"("curfew_O'Hara ""x""_g-7k3mq9xd")";
    EXPECT_THAT(
        statements,
        ElementsAre("CREATE ROLE " + name +
                        " LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
                        " PASSWORD 'SCRAM-SHA-256$4096:s$k:k' VALID UNTIL '2026-01-01 00:00:00.000000+00'",
                    "COMMENT ON ROLE " + name + " IS 'curfew ephemeral role: installation=" + ours +
                        " grant=g-7k3mq9xd resource=prod user=O''Hara \"x\"'",
                    "GRANT \"app \"\"rw\"\"\" TO " + name, "GRANT \"reader\" TO " + name));
}

TEST(EphemeralRoleStatements, RenewWhatIsThere) {
    EXPECT_THAT(proxy::renew_role_sql("curfew_a_g", "v", "t", {"rw"}),
                ElementsAre("ALTER ROLE \"curfew_a_g\" LOGIN PASSWORD 'v' VALID UNTIL 't'",
                            "GRANT \"rw\" TO \"curfew_a_g\""));
    EXPECT_EQ(proxy::move_end_sql("curfew_a_g", "t"), "ALTER ROLE \"curfew_a_g\" VALID UNTIL 't'");
}

TEST(EphemeralRoleStatements, SayWhatAMembershipIsForWherePostgresWantsToKnow) {
    EXPECT_EQ(proxy::join_role_sql("r", 150020), "GRANT \"r\" TO CURRENT_USER");
    EXPECT_EQ(proxy::join_role_sql("r", 160000), "GRANT \"r\" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE");
}

TEST(EphemeralRoleStatements, GiveAwayWhatARoleOwnsBeforeItIsDropped) {
    const auto statements = proxy::empty_role_sql("r\"1", "the owner");
    EXPECT_THAT(statements,
                ElementsAre(StartsWith("SET LOCAL lock_timeout"), StartsWith("SET LOCAL statement_timeout"),
                            "REASSIGN OWNED BY \"r\"\"1\" TO \"the owner\"", "DROP OWNED BY \"r\"\"1\""));
    EXPECT_EQ(proxy::drop_role_sql("r\"1"), "DROP ROLE \"r\"\"1\"");
}

}  // namespace
}  // namespace curfew::test
