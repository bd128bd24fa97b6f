#include "recording/redaction.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace curfew::recording {
namespace {

Redactor redactor_of(const RedactionRules& rules) {
    auto redactor = Redactor::compile(rules);
    EXPECT_TRUE(redactor.has_value());
    return redactor ? *redactor : Redactor{};
}
Redactor redactor_of_patterns(std::vector<std::string> patterns) {
    RedactionRules rules;
    rules.patterns = std::move(patterns);
    return redactor_of(rules);
}

// `sql` as it is kept by the rules that hold unless others are given.
std::string kept(std::string_view sql) {
    return redactor_of({}).sql(sql).value_or(std::string{sql});
}

TEST(Redaction, LeavesOffTheEndOfWhatWasCutWhereAPatternMightHaveMatched) {
    const auto redactor = redactor_of_patterns({"[0-9]{16}"});
    const std::string before(100, 'x');
    const std::string begun = before + std::string(Redactor::doubtful_end - 10, 'y') + "4111111111";
    const auto cut = redactor.beginning_of_text(begun);
    EXPECT_EQ(cut.text, before);
    EXPECT_EQ(cut.of, before.size());
    EXPECT_FALSE(cut.redacted);
    EXPECT_EQ(redactor.beginning_of_text("short").text, "");
}

TEST(Redaction, FindsWhatBeginsBeforeThatEnd) {
    const auto redactor = redactor_of_patterns({"[0-9]{16}"});
    const std::string secret = "4111111111111111";
    const std::string text = "card " + secret + std::string(Redactor::doubtful_end - 8, 'y');
    const auto cut = redactor.beginning_of_sql(text);
    EXPECT_EQ(cut.text, "card [redacted]");
    EXPECT_TRUE(cut.redacted);
    EXPECT_EQ(cut.of, text.size() - Redactor::doubtful_end);
}

TEST(Redaction, KeepsAllThatIsThereOfWhatWasCutWhereThereAreNoPatterns) {
    const auto redactor = redactor_of({});
    EXPECT_EQ(redactor.beginning_of_text("4111").text, "4111");
    EXPECT_EQ(redactor.beginning_of_sql("ALTER ROLE bob PASSWORD 'hun").text,
              "ALTER ROLE bob PASSWORD '[redacted]");
}

TEST(Redaction, CutsNoCharacterInTwo) {
    const std::string text = "xä" + std::string(Redactor::doubtful_end - 1, 'y');
    EXPECT_EQ(redactor_of_patterns({"z+"}).beginning_of_text(text).text, "x");
}

TEST(Redaction, TakesPasswordsOutWhicheverWayTheyAreQuoted) {
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD 'hunter2'"), "ALTER ROLE bob PASSWORD '[redacted]'");
    EXPECT_EQ(kept("create user bob with encrypted password'it''s' valid until '2030-01-01'"),
              "create user bob with encrypted password'[redacted]' valid until '2030-01-01'");
    EXPECT_EQ(kept(R"(ALTER ROLE bob PASSWORD E'a\'b''c' NOLOGIN)"),
              "ALTER ROLE bob PASSWORD E'[redacted]' NOLOGIN");
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD U&'d\\0061ta'"), "ALTER ROLE bob PASSWORD U&'[redacted]'");
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD $$hunter2$$"), "ALTER ROLE bob PASSWORD $$[redacted]$$");
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD $a$x$b$y$a$ LOGIN"),
              "ALTER ROLE bob PASSWORD $a$[redacted]$a$ LOGIN");
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD /* ' */ -- '\n 'hunter2'"),
              "ALTER ROLE bob PASSWORD /* ' */ -- '\n '[redacted]'");
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD -- so a comment may end\r'hunter2'"),
              "ALTER ROLE bob PASSWORD -- so a comment may end\r'[redacted]'");
}

TEST(Redaction, TakesOutAPasswordThatGoesOnInTheNextLine) {
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD 'hun'\n'ter2'"),
              "ALTER ROLE bob PASSWORD '[redacted]'\n'[redacted]'");
}

TEST(Redaction, TakesOutAPasswordWithoutAnEnd) {
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD 'hunter"), "ALTER ROLE bob PASSWORD '[redacted]");
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD $$hunter$"), "ALTER ROLE bob PASSWORD $$[redacted]");
    EXPECT_EQ(kept("ALTER ROLE bob PASSWORD '"), "ALTER ROLE bob PASSWORD '[redacted]");
}

TEST(Redaction, TakesNoBackslashForTheEndOfAPassword) {
    // With standard_conforming_strings off the password is `a'b`.
    EXPECT_EQ(kept(R"(ALTER ROLE bob PASSWORD 'a\'b')"), "ALTER ROLE bob PASSWORD '[redacted]'");
}

TEST(Redaction, TakesOutPasswordsOfSettingsAndUserMappings) {
    EXPECT_EQ(kept("SET my.password = 'x1'"), "SET my.password = '[redacted]'");
    EXPECT_EQ(kept("SET my.password TO 'x1'"), "SET my.password TO '[redacted]'");
    EXPECT_EQ(kept("CREATE USER MAPPING FOR bob SERVER s OPTIONS (user 'bob', password 'x1')"),
              "CREATE USER MAPPING FOR bob SERVER s OPTIONS (user 'bob', password '[redacted]')");
    EXPECT_EQ(kept("UPDATE users SET \"Password\" = 'x1' WHERE id = '7'"),
              "UPDATE users SET \"Password\" = '[redacted]' WHERE id = '7'");
}

TEST(Redaction, TakesOutPasswordsOfConnectionStrings) {
    EXPECT_EQ(kept("SELECT dblink('host=a password=x1 user=b', 'SELECT 1')"),
              "SELECT dblink('host=a password=[redacted] user=b', 'SELECT 1')");
    EXPECT_EQ(kept("CREATE SUBSCRIPTION s CONNECTION 'password = ''x 1'' host=a' PUBLICATION p"),
              "CREATE SUBSCRIPTION s CONNECTION 'password = ''[redacted]'' host=a' PUBLICATION p");
    EXPECT_EQ(kept("SELECT dblink('postgresql://bob:x1@host/db')"),
              "SELECT dblink('postgresql://bob:[redacted]@host/db')");
    EXPECT_EQ(kept("SELECT 'https://example.org:80/a@b'"), "SELECT 'https://example.org:80/a@b'");
}

TEST(Redaction, TakesOutPasswordsOfStatementsWithinStatements) {
    EXPECT_EQ(kept("DO $$ BEGIN EXECUTE 'ALTER ROLE bob PASSWORD ''x''''1'''; END $$"),
              "DO $$ BEGIN EXECUTE 'ALTER ROLE bob PASSWORD ''[redacted]'''; END $$");
    EXPECT_EQ(kept("DO $$ BEGIN ALTER ROLE bob PASSWORD 'x1'; END $$"),
              "DO $$ BEGIN ALTER ROLE bob PASSWORD '[redacted]'; END $$");
    EXPECT_EQ(kept("SELECT format('ALTER ROLE %I PASSWORD $x$secret$x$', 'bob')"),
              "SELECT format('ALTER ROLE %I PASSWORD $x$[redacted]$x$', 'bob')");
}

TEST(Redaction, LeavesAloneWhatIsNoPassword) {
    const Redactor redactor = redactor_of({});
    for (const auto sql : {"SELECT 1", "SELECT password FROM users WHERE name = 'bob'",
                           "ALTER ROLE bob PASSWORD NULL", "UPDATE users SET password = $1 WHERE id = $2",
                           "SELECT 'forgot your password?'", "SELECT passwords, 'x' FROM t", ""})
        EXPECT_EQ(redactor.sql(sql), std::nullopt) << sql;
}

TEST(Redaction, LeavesPasswordsWhereTheRulesSayThatTheyStay) {
    RedactionRules rules;
    rules.passwords = false;
    EXPECT_EQ(redactor_of(rules).sql("ALTER ROLE bob PASSWORD 'x1'"), std::nullopt);
}

TEST(Redaction, TakesOutWhatAPatternMatches) {
    const Redactor redactor = redactor_of_patterns({R"(\b[0-9]{4}\b)", "secret"});
    EXPECT_EQ(redactor.sql("SELECT 1234, 'secret', 12345"), "SELECT [redacted], '[redacted]', 12345");
    EXPECT_EQ(redactor.text("1234"), "[redacted]");
    EXPECT_EQ(redactor.text("none"), std::nullopt);
}

TEST(Redaction, TakesOutTheGroupOfAPatternThatHasOne) {
    const Redactor redactor = redactor_of_patterns({"card=([0-9]+)", "(x)?y"});
    EXPECT_EQ(redactor.text("card=12 and card=34"), "card=[redacted] and card=[redacted]");
    EXPECT_EQ(redactor.text("ay bxy"), "a[redacted] b[redacted]y")
        << "the whole where the group took no part";
}

TEST(Redaction, MakesOneOfWhatSeveralPatternsMatch) {
    const Redactor redactor = redactor_of_patterns({"abc", "bcd", "e"});
    EXPECT_EQ(redactor.text("xabcdez"), "x[redacted]z");
}

TEST(Redaction, SearchesWhatIsNoUtf8) {
    EXPECT_EQ(redactor_of_patterns({"secret"}).text("\xff\xfe secret \xff"), "\xff\xfe [redacted] \xff");
}

TEST(Redaction, FindsWhatGoesOnBehindBytesThatAreNoUtf8) {
    // `pässword` in LATIN1.
    EXPECT_EQ(redactor_of_patterns({R"(pin=(\S+))"}).text("pin=p\xe4ssword x"), "pin=[redacted] x");
    EXPECT_EQ(redactor_of_patterns({"(?s)<pin>.*</pin>"}).sql("SELECT '<pin>\xe4\xf6</pin>'"),
              "SELECT '[redacted]'");
    RedactionRules rules;
    rules.statements = {{"insert.*cards", {1}}};
    EXPECT_TRUE(redactor_of(rules).parameters_of("insert /* \xe4 */ into cards").contains(1));
}

TEST(Redaction, TakesPatternsThatAreAboutCharactersBeyondOneByte) {
    EXPECT_EQ(redactor_of_patterns({R"(\x{4E2D}+)"}).text("a\xe4\xb8\xad"), "a[redacted]");
    EXPECT_EQ(redactor_of_patterns({R"(\x{4E2D}+)"}).text("\xff\xe4\xb8\xad"), "\xff[redacted]");
}

TEST(Redaction, NamesAPatternThatIsNone) {
    RedactionRules rules;
    rules.patterns = {"ok", "(open"};
    const auto redactor = Redactor::compile(rules);
    ASSERT_FALSE(redactor);
    EXPECT_NE(redactor.error().message.find("(open"), std::string::npos);
}

TEST(Redaction, LeavesOutParametersOfStatementsThatMatch) {
    RedactionRules rules;
    rules.statements = {{"(?i)insert into cards", {1, 3}}, {"vault", {}}};
    const Redactor redactor = redactor_of(rules);
    const RedactedParameters cards = redactor.parameters_of("INSERT INTO cards VALUES ($1, $2, $3)");
    EXPECT_TRUE(cards.contains(1));
    EXPECT_FALSE(cards.contains(2));
    EXPECT_TRUE(cards.contains(3));
    EXPECT_TRUE(redactor.parameters_of("SELECT vault($1)").contains(17));
    EXPECT_TRUE(redactor.parameters_of("SELECT $1").empty());
    EXPECT_TRUE(redactor.parameters_of_unknown().contains(2)) << "it may be one of them";
    EXPECT_TRUE(Redactor{}.parameters_of_unknown().empty());
}

}  // namespace
}  // namespace curfew::recording
