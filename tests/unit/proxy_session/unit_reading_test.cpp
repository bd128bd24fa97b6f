// Which units run without asking, and how the others are shown to those who decide.
#include "proxy/unit_reading.hpp"

#include <gmock/gmock.h>

#include "proxy/binary_values.hpp"

namespace curfew::test {
namespace {

using postgres::HeldUnit;
using postgres::UnitOutcome;
using proxy::ClientSettings;
using proxy::UnitReading;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Outcome = policy::CommandResult::Outcome;

HeldUnit query_of(std::string sql) {
    HeldUnit unit;
    unit.statements.push_back({std::move(sql), {}});
    return unit;
}

HeldUnit extended(std::vector<std::string> texts) {
    HeldUnit unit;
    unit.form = HeldUnit::Form::extended;
    for (std::string& sql : texts)
        unit.statements.push_back({std::move(sql), {}});
    return unit;
}

sql::AllowedStatements select_on(std::vector<sql::ObjectPattern> tables) {
    return {std::move(tables), {}};
}

class AUnit : public testing::Test {
protected:
    UnitReading read(const HeldUnit& unit) const { return read_unit(unit, allowed, settings); }
    // Empty: it is free.
    std::string why(const HeldUnit& unit) const {
        const UnitReading reading = read(unit);
        if (std::holds_alternative<UnitReading::Free>(reading.way)) return {};
        const auto* ask = std::get_if<UnitReading::Ask>(&reading.way);
        return ask != nullptr ? ask->why : "nobody can be asked";
    }
    // The SQLSTATE; empty: it can be shown.
    std::string unshowable(const HeldUnit& unit) const {
        const UnitReading reading = read(unit);
        const auto* hidden = std::get_if<UnitReading::Unshowable>(&reading.way);
        return hidden != nullptr ? std::string{hidden->sqlstate} : std::string{};
    }
    policy::Command shown(HeldUnit unit) const {
        return command_of(std::move(unit), settings, "app", SessionId{}, "it is asked for");
    }
    policy::Command::Parameter shown(HeldUnit::Parameter value) const {
        HeldUnit unit = extended({"SELECT $1"});
        unit.statements[0].parameters.push_back(std::move(value));
        return shown(std::move(unit)).statements.at(0).parameters.at(0);
    }

    std::vector<sql::AllowedStatements> allowed{select_on({{"public", "orders"}})};
    ClientSettings settings{postgres::StartupMessage{}};
};

TEST_F(AUnit, IsFreeWhereAllOfItIs) {
    for (const char* sql : {"BEGIN", "COMMIT; BEGIN", "SELECT * FROM public.orders", "", "-- nothing",
                            "SHOW search_path", "SET timezone = 'UTC'; SELECT id FROM public.orders"})
        EXPECT_THAT(why(query_of(sql)), IsEmpty()) << sql;
    EXPECT_THAT(why(extended({"BEGIN", "SELECT * FROM public.orders"})), IsEmpty());
    EXPECT_THAT(why(extended({})), IsEmpty());
}

TEST_F(AUnit, IsAskedForWhereAnyOfItIsNot) {
    EXPECT_EQ(why(query_of("SELECT * FROM public.people")), "it reads public.people");
    EXPECT_THAT(why(query_of("BEGIN; DELETE FROM public.orders; COMMIT")), HasSubstr("DELETE"));
    EXPECT_EQ(why(extended({"SELECT * FROM public.orders", "SELECT * FROM public.people"})),
              "it reads public.people");
}

TEST_F(AUnit, SaysEachReasonOnceAndNotTooMany) {
    EXPECT_EQ(why(query_of("TABLE a; TABLE a; TABLE b; TABLE c; TABLE d; TABLE e")),
              "it reads a; it reads b; it reads c; and for 2 more reasons");
}

TEST_F(AUnit, IsFreeOnlyWhereEveryRuleAllowsIt) {
    allowed.push_back(select_on({{"public", "people"}}));
    EXPECT_EQ(why(query_of("SELECT * FROM public.orders")), "it reads public.orders");
    EXPECT_THAT(why(query_of("BEGIN")), IsEmpty());
    allowed[1].select.push_back({"public", "orders"});
    EXPECT_THAT(why(query_of("SELECT * FROM public.orders")), IsEmpty());
}

TEST_F(AUnit, IsAskedForWhereNoRuleSaysAnything) {
    allowed.clear();
    EXPECT_THAT(why(query_of("SELECT 1")), HasSubstr("no rule"));
    EXPECT_THAT(why(query_of("ROLLBACK")), IsEmpty());
}

TEST_F(AUnit, IsAskedForWhereItIsNotUnderstood) {
    EXPECT_THAT(why(query_of("SELEC 1")), AllOf(HasSubstr("it is not SQL"), HasSubstr("at character 1")));
    EXPECT_THAT(why(query_of("SELECT '" + std::string(9'000, 'x') + "'")),
                HasSubstr("longer than 8192 bytes"));
}

TEST_F(AUnit, ThatCallsAFunctionByItsNumberIsAskedFor) {
    HeldUnit unit;
    unit.form = HeldUnit::Form::function;
    unit.function = 1598;
    EXPECT_EQ(why(unit), "it calls function 1598 by its object identifier");
}

TEST_F(AUnit, IsAskedForButForTransactionControlWhereTheSettingsLeaveADoubt) {
    settings.reported("standard_conforming_strings", "off");
    EXPECT_EQ(why(query_of("SELECT * FROM public.orders")), "standard_conforming_strings is off");
    EXPECT_EQ(why(query_of("SHOW timezone")), "standard_conforming_strings is off");
    EXPECT_THAT(why(query_of("BEGIN; SAVEPOINT a; COMMIT")), IsEmpty());
}

TEST_F(AUnit, CannotBeAskedForWhereItCannotBeShown) {
    EXPECT_EQ(unshowable(query_of("DELETE FROM a WHERE b = '\xe9'")), "22021");
    EXPECT_EQ(unshowable(query_of("DELETE FROM a WHERE b = 'é'")), "");
    settings.reported("client_encoding", "LATIN1");
    EXPECT_EQ(unshowable(query_of("DELETE FROM a WHERE b = 'é'")), "22021");
    EXPECT_EQ(unshowable(query_of("SELECT 'é' FROM public.orders")), "22021");
    EXPECT_EQ(unshowable(query_of("DELETE FROM a")), "");
    EXPECT_THAT(why(query_of("SELECT * FROM public.orders")), IsEmpty());
}

TEST_F(AUnit, SaysWhetherPreparedStatementsMayChange) {
    EXPECT_TRUE(read(query_of("PREPARE a AS SELECT 1")).changes_prepared);
    EXPECT_TRUE(read(query_of("SELEC 1")).changes_prepared);
    EXPECT_TRUE(read(extended({"SELECT 1", "DISCARD ALL"})).changes_prepared);
    EXPECT_FALSE(read(query_of("DELETE FROM a")).changes_prepared);
    EXPECT_FALSE(read(query_of("SELECT * FROM public.orders")).changes_prepared);
}

// The name would run another text than the one that is shown.
TEST_F(AUnit, CannotBeAskedForWhereANameMayComeToStandForAnotherText) {
    for (const char* changing :
         {"DEALLOCATE a", "DO 'BEGIN END'", "DECLARE a CURSOR FOR SELECT 1", "SELEC 1"}) {
        HeldUnit unit = extended({changing, "DELETE FROM b"});
        EXPECT_EQ(unshowable(unit), "42501") << changing;
        unit.statements[1].prepared_after = 1;
        EXPECT_EQ(unshowable(unit), "") << changing;
    }
    EXPECT_EQ(unshowable(extended({"BEGIN", "DELETE FROM b"})), "");
}

TEST_F(AUnit, IsAskedForWhereWhatRanBeforeMayHaveChangedASetting) {
    HeldUnit unit = extended({"SELECT * FROM public.orders"});
    unit.mid_batch = true;
    EXPECT_THAT(why(unit), HasSubstr("may have changed a setting"));
    unit.statements[0].sql = "COMMIT";
    EXPECT_THAT(why(unit), IsEmpty());
}

TEST_F(AUnit, IsShownAsItWasSent) {
    const policy::Command command = shown(query_of("DELETE FROM a;\n-- é"));
    EXPECT_EQ(command.form, policy::CommandForm::query);
    EXPECT_EQ(command.database, "app");
    EXPECT_EQ(command.why_asked, "it is asked for");
    EXPECT_EQ(command.session, SessionId{});
    ASSERT_EQ(command.statements.size(), 1U);
    EXPECT_EQ(command.statements[0].sql, "DELETE FROM a;\n-- é");
}

TEST_F(AUnit, OfTheExtendedProtocolIsShownWithItsValues) {
    HeldUnit unit = extended({"INSERT INTO a VALUES ($1, $2)", "DELETE FROM b"});
    unit.statements[0].parameters = {{"5", false, 0}, {std::nullopt, false, 0}};
    const policy::Command command = shown(std::move(unit));
    EXPECT_EQ(command.form, policy::CommandForm::extended);
    ASSERT_EQ(command.statements.size(), 2U);
    EXPECT_THAT(command.statements[0].parameters,
                ElementsAre(policy::Command::Parameter{"5", false}, policy::Command::Parameter{}));
    EXPECT_THAT(command.statements[1].parameters, IsEmpty());
}

TEST_F(AUnit, ThatCallsAFunctionIsShownByTheFunctionsNumber) {
    HeldUnit unit;
    unit.form = HeldUnit::Form::function;
    unit.function = 1598;
    EXPECT_EQ(shown(unit).statements.at(0).sql, "1598");
    unit.statements.push_back({"", {{"7", false, 0}}});
    const policy::Command command = shown(unit);
    EXPECT_EQ(command.form, policy::CommandForm::function);
    EXPECT_EQ(command.statements.at(0).sql, "1598");
    EXPECT_EQ(command.statements.at(0).parameters.at(0).value, "7");
}

TEST_F(AUnit, ShowsValuesInBinaryFormAsTextWhereThereIsOneReadingOfThem) {
    constexpr std::uint32_t int4 = 23;
    EXPECT_EQ(shown({std::string{"\0\0\0\x05", 4}, true, int4}), (policy::Command::Parameter{"5", false}));
    EXPECT_EQ(shown({std::string{"\0\0\0\x05", 4}, true, 0}),
              (policy::Command::Parameter{"\\x00000005", true}));
    EXPECT_EQ(shown({std::string{"\0\x05", 2}, true, int4}), (policy::Command::Parameter{"\\x0005", true}));
}

TEST_F(AUnit, ShowsValuesThatAreNoTextAsDigits) {
    EXPECT_EQ(shown({"\xe9", false, 0}), (policy::Command::Parameter{"\\xe9", true}));
    EXPECT_EQ(shown({std::string{"a\0b", 3}, false, 0}), (policy::Command::Parameter{"\\x610062", true}));
    EXPECT_EQ(shown({"é", false, 0}), (policy::Command::Parameter{"é", false}));
    settings.reported("client_encoding", "LATIN1");
    EXPECT_EQ(shown({"é", false, 0}), (policy::Command::Parameter{"\\xc3a9", true}));
}

// --- What came of it

UnitOutcome answered(std::vector<UnitOutcome::Completed> completed) {
    UnitOutcome outcome;
    outcome.completed = std::move(completed);
    outcome.answered = true;
    return outcome;
}

TEST(WhatCameOfAUnit, IsASuccessWithTheTagsOfItsStatements) {
    const auto result = proxy::result_of(answered({{"SELECT 2", 2}, {"COMMIT", 0}}), WallInstant{});
    EXPECT_EQ(result.outcome, Outcome::succeeded);
    ASSERT_EQ(result.parts.size(), 2U);
    EXPECT_EQ(result.parts[0].tag, "SELECT 2");
    EXPECT_EQ(result.parts[0].rows_in_all, 2U);
    EXPECT_EQ(result.ended_at, WallInstant{});
}

TEST(WhatCameOfAUnit, IsAFailureWithPostgreSqlsWords) {
    UnitOutcome outcome = answered({});
    outcome.sqlstate = "42P01";
    outcome.message = "relation \"a\" does not exist";
    const auto result = proxy::result_of(outcome, WallInstant{});
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.sqlstate, "42P01");
    EXPECT_EQ(result.message, "relation \"a\" does not exist");
}

TEST(WhatCameOfAUnit, IsNotKnownWhereItsEndWasNotSeen) {
    const auto result = proxy::result_of(UnitOutcome{}, WallInstant{});
    EXPECT_EQ(result.outcome, Outcome::unknown);
    EXPECT_THAT(result.message, HasSubstr("before PostgreSQL had answered"));
}

// --- Values in binary form

std::string text_of(std::string_view value, std::uint32_t type) {
    return proxy::text_of_binary(value, type).value_or("none");
}

TEST(BinaryValues, AreWrittenAsPostgreSqlWritesThem) {
    EXPECT_EQ(text_of("\x01", 16), "t");
    EXPECT_EQ(text_of({"\0", 1}, 16), "f");
    EXPECT_EQ(text_of("\xff\xfe", 21), "-2");
    EXPECT_EQ(text_of("\xff\xff\xff\xff", 23), "-1");
    EXPECT_EQ(text_of("\xff\xff\xff\xff", 26), "4294967295");
    EXPECT_EQ(text_of("\x7f\xff\xff\xff\xff\xff\xff\xff", 20), "9223372036854775807");
    EXPECT_EQ(text_of({"\x3f\xc0\0\0", 4}, 700), "1.5");
    EXPECT_EQ(text_of({"\xbf\xb9\x99\x99\x99\x99\x99\x9a", 8}, 701), "-0.1");
    EXPECT_EQ(text_of({"\x7f\xf0\0\0\0\0\0\0", 8}, 701), "Infinity");
    EXPECT_EQ(text_of({"\xff\xf0\0\0\0\0\0\0", 8}, 701), "-Infinity");
    EXPECT_EQ(text_of({"\x7f\xf8\0\0\0\0\0\0", 8}, 701), "NaN");
    EXPECT_EQ(text_of("abcé", 25), "abcé");
    EXPECT_EQ(text_of("{}", 114), "{}");
    EXPECT_EQ(text_of({"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16}, 2950),
              "00112233-4455-6677-8899-aabbccddeeff");
}

TEST(BinaryValues, AreNotGuessedAt) {
    EXPECT_EQ(text_of("\x02", 16), "none");
    EXPECT_EQ(text_of("", 23), "none");
    EXPECT_EQ(text_of("\x01", 23), "none");
    EXPECT_EQ(text_of("short", 2950), "none");
    EXPECT_EQ(text_of("\xe9", 25), "none");
    EXPECT_EQ(text_of({"a\0", 2}, 1043), "none");
    EXPECT_EQ(text_of({"\0\0\0\0\0\0\0\0", 8}, 1114), "none") << "a timestamp";
}

}  // namespace
}  // namespace curfew::test
