#include "protocol/postgres/scram_verifier.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "scram_testing.hpp"

namespace curfew::postgres {
namespace {

// rolpassword of `CREATE ROLE … PASSWORD 'curfew rings at eight'` in PostgreSQL 15.
constexpr std::string_view of_postgresql =
    "SCRAM-SHA-256$4096:o/lNdgLQ0XJyWErZFo05qA==$7BtM3cmx9FD+gfVPYO+R++OGsU4Wx9Km2iAD7vEu+PU=:"
    "7E2NH1Pc5q0IpyhPLTDHZ1L3TfyjAtWCyDyWj9FgCcM=";

TEST(ScramVerifier, ReadsWhatPostgresqlWrites) {
    const auto verifier = ScramVerifier::parse(of_postgresql);
    ASSERT_TRUE(verifier);
    EXPECT_EQ(verifier->iterations, 4096);
    EXPECT_EQ(verifier->salt.size(), 16U);
    EXPECT_EQ(to_string(*verifier), of_postgresql);
}

TEST(ScramVerifier, ChecksThePasswordThatPostgresqlHashed) {
    const auto verifier = ScramVerifier::parse(of_postgresql);
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(matches(*verifier, "curfew rings at eight"));
    EXPECT_FALSE(matches(*verifier, "curfew rings at nine"));
    EXPECT_FALSE(matches(*verifier, ""));
}

TEST(ScramVerifier, IsMadeAsPostgresqlMakesIt) {
    const auto verifier = ScramVerifier::parse(of_postgresql);
    ASSERT_TRUE(verifier);
    EXPECT_EQ(ScramVerifier::make("curfew rings at eight", verifier->salt), *verifier);
}

// Passwords that SASLprep changes or refuses, with the rolpassword that PostgreSQL 15 made of them.
struct Prepared {
    std::string_view password;
    std::string_view verifier;
};

class PreparedPassword : public ::testing::TestWithParam<Prepared> {};

TEST_P(PreparedPassword, IsHashedAsByPostgresql) {
    const auto verifier = ScramVerifier::parse(GetParam().verifier);
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(matches(*verifier, GetParam().password));
}

INSTANTIATE_TEST_SUITE_P(
    OfPostgresql, PreparedPassword,
    ::testing::Values(
        // soft hyphen, removed
        Prepared{"I\u00ADX",
                 "SCRAM-SHA-256$4096:iGNiVRzXs2A7KShWkDXuLQ==$LWn55E9jUGEqVAamBPbM1EMQ+hIaWfGx2rlI4QnmDoc="
                 ":+vai1nzQwEBerIgTlpdTCN8R+B+wIm9pNw/dwjMH++o="},
        // roman nine, taken apart
        Prepared{"pass\u2168",
                 "SCRAM-SHA-256$4096:k7+GfiOBdIzsfxzPi2Yfcw==$NDkEGb7whQXfYjNbE/54Cedp02CdNlc48w6HdpLT9pk="
                 ":7TomtxMgFrZMyrOvl3ZghOobO65aiCOhfKSsRANYdhk="},
        // no-break space, made plain
        Prepared{"a\u00A0b",
                 "SCRAM-SHA-256$4096:o5eAR7TKuMSg3Dfx1a9w3Q==$2OkHuBOCwJvG7P0OgjZdFI0odTqez9XqrwyxkyZA94Q="
                 ":OCkcvMTLqle7T0mnrZ7L69t8yQxvc+EYneUZJR+8NM8="},
        // combining diaeresis, composed
        Prepared{"u\u0308ber",
                 "SCRAM-SHA-256$4096:h9rfrHN7n6ZwJNd9lOiKgA==$JQWIMNhQPAEjLlXLXyOKvWZE6o7x6YyIEBGJQVumfZM="
                 ":hJ/azMKYRtxcCLzcQGesoUtQCAEXgdgkmuT/fZ0CxYA="},
        // control character: as it is
        Prepared{"ctl\u0080\u2168",
                 "SCRAM-SHA-256$4096:gSsFmnYzv2LBOmTvdOO7kA==$AJq81vC9Oq7Fv5Jj7VwZb8woXWGCe7ht+cx/jv4OVZU="
                 ":ZQhN7h8AuEw3lKJS++7xrz6eI/RZmfdEPbDw8DGJhSQ="},
        // emoji, unassigned in Unicode 3.2: as it is
        Prepared{"clock\u2168\U0001F600",
                 "SCRAM-SHA-256$4096:sEvq04tZ1DXZAsa4IZG5YQ==$/AID4HdEClsTj3L4XxBxB7iR6C2Oxg7/XaJLsw0uHCc="
                 ":oJzTLpR88Bo8lQ6QaT9eL3oqwBid7wY7BG/YBTpfkhU="},
        // right to left and not at its end: as it is
        Prepared{"\u06271",
                 "SCRAM-SHA-256$4096:4DoN6AaWoSPC4v1MLxRAzQ==$IaWKIYEsIxwiI8TXhR7bBiLi/VV4G6ESsSgcZld3P48="
                 ":uAs7w6KAgz1Rn1ZRZGzheQuBvhFmwfdO3181yO+n2Yw="},
        // nothing left of it: as it is
        Prepared{"\u00AD",
                 "SCRAM-SHA-256$4096:7cpHqUViK6aJSo0bdE1V8g==$G9mav3LhgEtVrVi29bXDUY1zQsEEfWt5rtFZfmnNk5k="
                 ":XfElCsJedyFQDFsk6v164jsnUy7snqzyi9BhQgay6J0="},
        // Latin-1, in a database of encoding SQL_ASCII: as it is
        Prepared{"caf\xE9",
                 "SCRAM-SHA-256$4096:TNoAdZdFbnzgRmVfP+e0mg==$+3uOj7LrencssCT/pdYz5U9B/8qlbquOjEV+Yg8WbaM="
                 ":U8wouUiETucrRQVIatzuy6wP3DYegqaSu98RY+CdfzA="}));

TEST(ScramVerifier, RefusesWhatIsNotOne) {
    const std::string good{of_postgresql};
    using testing::with;
    for (const std::string& text : {std::string{},
                                    std::string{"secret"},
                                    std::string{"md5a3556571e93b0d20722ba62be61e8c2d"},
                                    with(good, "SCRAM-SHA-256", "SCRAM-SHA-1"),
                                    with(good, "SCRAM-SHA-256", "scram-sha-256"),
                                    with(good, "4096", "0"),
                                    with(good, "4096", "-4096"),
                                    with(good, "4096", "+4096"),
                                    with(good, "4096", ""),
                                    with(good, "4096", " 4096"),
                                    with(good, "4096", "4096x"),
                                    with(good, "4096", "4294971392"),
                                    with(good, "o/lNdgLQ0XJyWErZFo05qA==", ""),
                                    with(good, "o/lNdgLQ0XJyWErZFo05qA==", "o/lN?"),
                                    with(good, "7BtM", ""),
                                    with(good, "7BtM", "7BtM7BtM"),
                                    with(good, "7E2N", ""),
                                    good + "=",
                                    good + "\n",
                                    " " + good,
                                    good + ":",
                                    good + "$"}) {
        EXPECT_EQ(ScramVerifier::parse(text), std::nullopt) << text;
    }
}

TEST(ScramVerifier, RefusesOneThatIsCutShort) {
    for (std::size_t length = 0; length < of_postgresql.size(); ++length) {
        EXPECT_EQ(ScramVerifier::parse(of_postgresql.substr(0, length)), std::nullopt) << length;
    }
}

TEST(MockVerifier, IsTheSameAtEachTry) {
    EXPECT_EQ(mock_verifier("mallory", "server secret"), mock_verifier("mallory", "server secret"));
}

TEST(MockVerifier, DiffersFromUserToUserAndFromServerToServer) {
    const auto mock = mock_verifier("mallory", "server secret");
    EXPECT_NE(mock.salt, mock_verifier("eve", "server secret").salt);
    EXPECT_NE(mock.salt, mock_verifier("mallory", "another secret").salt);
}

TEST(MockVerifier, LooksLikeARealOne) {
    const auto mock = mock_verifier("mallory", "server secret");
    EXPECT_EQ(mock.salt.size(), testing::verifier().salt.size());
    EXPECT_EQ(mock.iterations, testing::verifier().iterations);
}

TEST(MockVerifier, HasTheIterationsThatRealUsersHave) {
    EXPECT_EQ(mock_verifier("mallory", "server secret", 100'000).iterations, 100'000);
}

}  // namespace
}  // namespace curfew::postgres
