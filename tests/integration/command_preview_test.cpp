// What those who decide see of a command before it runs, by a real PostgreSQL, and what is left of making it:
// nothing.
#include <gmock/gmock.h>

#include <array>
#include <boost/json/value_to.hpp>

#include "command_fixture.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

class Previews : public ByCommand {
protected:
    struct Seen {
        std::string mode;
        std::string text;
        bool failed = true;
    };
    static Seen seen_in(const CommandOffice& office, const std::string& request) {
        const json::value preview = office.show(request).at("command").at("preview");
        if (preview.is_null()) return {};
        return {json::value_to<std::string>(preview.at("mode")),
                json::value_to<std::string>(preview.at("text")), preview.at("failed").as_bool()};
    }
    // Of a script that is asked for where the rule wants `mode`.
    Seen preview_of(const std::string& sql, const std::string& mode) {
        CommandOffice previewing{postgres, "1h", "preview: " + mode};
        return seen_in(previewing, previewing.ask_to_run(sql));
    }
};

TEST_F(Previews, AreThePlansOfWhatHasOne) {
    const Seen seen = preview_of("BEGIN; UPDATE orders SET note = 'x' WHERE id = 7; COMMIT", "explain");
    EXPECT_EQ(seen.mode, "explain");
    EXPECT_THAT(seen.text, HasSubstr("Statement 1: not part of the preview\nStatement 2:\nUpdate on orders"));
    EXPECT_FALSE(seen.failed);
}

TEST_F(Previews, RunNothingToExplainIt) {
    EXPECT_THAT(preview_of(insert, "explain").text, HasSubstr("Insert on orders"));
    EXPECT_EQ(orders(), 0);
}

TEST_F(Previews, GoOnAfterAStatementThatPostgreSQLRefuses) {
    const Seen seen = preview_of("SELECT * FROM nowhere; DELETE FROM orders", "explain");
    EXPECT_TRUE(seen.failed);
    EXPECT_THAT(seen.text, HasSubstr("ERROR 42P01: relation \"nowhere\" does not exist"));
    EXPECT_THAT(seen.text, HasSubstr("Delete on orders"));
}

TEST_F(Previews, AreMadeWithTheRightsOfWhoAsks) {
    postgres.sql("CREATE TABLE IF NOT EXISTS private_notes (note text)", CommandOffice::database);
    const Seen seen = preview_of("DELETE FROM private_notes", "explain");
    EXPECT_TRUE(seen.failed);
    EXPECT_THAT(seen.text, HasSubstr("ERROR 42501: permission denied for table private_notes"));
}

TEST_F(Previews, OfADryRunCountWhatChangesAndLeaveItAsItWas) {
    postgres.sql("INSERT INTO orders SELECT i, 'old' FROM generate_series(1, 5) i", CommandOffice::database);
    const Seen seen =
        preview_of("UPDATE orders SET note = 'new' WHERE id < 4; DELETE FROM orders", "dry_run");
    EXPECT_EQ(seen.mode, "dry_run");
    EXPECT_EQ(seen.text, "Statement 1:\nUPDATE 3\nStatement 2:\nDELETE 5");
    EXPECT_FALSE(seen.failed);
    EXPECT_EQ(orders("note = 'old'"), 5);
}

TEST_F(Previews, OfADryRunNeverCommit) {
    const Seen seen = preview_of("BEGIN; INSERT INTO orders VALUES (7, 'seven'); COMMIT", "dry_run");
    EXPECT_THAT(seen.text, HasSubstr("Statement 2:\nINSERT 0 1"));
    EXPECT_EQ(orders(), 0);
}

TEST_F(Previews, OnlyPlanWhatADryRunMightNotUndo) {
    const Seen seen = preview_of("SELECT order_now(7)", "dry_run");
    EXPECT_EQ(seen.mode, "explain");
    EXPECT_THAT(seen.text, HasSubstr("Not run dry, but planned only: it calls order_now()"));
    EXPECT_EQ(orders(), 0);
}

TEST_F(Previews, OfADryRunStandInNobodysWayForLong) {
    PgConnection other{postgres.conninfo("postgres", CommandOffice::database)};
    other.exec("BEGIN; LOCK TABLE orders");
    const Seen seen = preview_of("DELETE FROM orders", "dry_run");
    EXPECT_TRUE(seen.failed);
    EXPECT_THAT(seen.text, HasSubstr("lock timeout"));
}

TEST_F(Previews, AreNotShownToWhoAsks) {
    CommandOffice previewing{postgres, "1h", "preview: explain"};
    const std::string request = previewing.ask_to_run(insert);
    EXPECT_FALSE(seen_in(previewing, request).failed);
    EXPECT_TRUE(previewing.show(request, "alice").at("command").at("preview").is_null());
}

TEST_F(Previews, LeaveNeitherASessionNorAGrantThatHolds) {
    CommandOffice previewing{postgres, "1h", "preview: explain"};
    previewing.ask_to_run(insert);
    EXPECT_TRUE(previewing.curfew().sessions().empty());
    EXPECT_EQ(postgres.number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'alice'"), 0);
    EXPECT_TRUE(previewing.curfew().cli({"grants"}).at("items").as_array().empty());
}

// Values go with it, and a session's settings do not.
TEST_F(Previews, OfALiveCommandAreMadeBesideItsSession) {
    CommandOffice previewing{postgres, "1h", "preview: explain"};
    PgConnection session{previewing.managed_conninfo()};
    constexpr std::array values{"7", "seven"};
    ASSERT_EQ(PQsendQueryParams(session.get(), insert_values, values.size(), nullptr, values.data(), nullptr,
                                nullptr, 0),
              1);
    const std::string request = previewing.next_request();
    const Seen seen = seen_in(previewing, request);
    EXPECT_THAT(seen.text, HasSubstr("Insert on orders"));
    previewing.approve(request);
    EXPECT_EQ(answer(session).status(), PGRES_COMMAND_OK);
    EXPECT_EQ(orders(), 1);
}

TEST_F(Previews, AreNotMadeWhereCurfewCannotLogInByItself) {
    CommandOffice previewing{postgres, "1h", "preview: explain"};
    PgConnection session{previewing.conninfo()};
    ASSERT_EQ(PQsendQuery(session.get(), insert), 1);
    const std::string request = previewing.next_request();
    const Seen seen = seen_in(previewing, request);
    EXPECT_TRUE(seen.failed);
    EXPECT_EQ(seen.text,
              "No preview could be made: Curfew cannot log in to resource \"prod-postgres\" by itself: there "
              "people log in with passwords that it does not know (login: passthrough).");
    previewing.approve(request);
    EXPECT_EQ(answer(session).status(), PGRES_COMMAND_OK);
}

TEST_F(Previews, ThatCannotBeMadeSayWhyAndStopNothing) {
    CommandOffice previewing{postgres, "1h", "preview: explain"};
    const std::string request = previewing.ask_to_run("VACUUM orders");
    const Seen seen = seen_in(previewing, request);
    EXPECT_TRUE(seen.failed);
    EXPECT_EQ(seen.text, "No preview could be made: PostgreSQL has no plan for any of its statements.");
    previewing.approve(request);
    EXPECT_TRUE(previewing.curfew().log().await("script.over", {{"request", request}}).text("outcome") ==
                "succeeded");
}

}  // namespace
}  // namespace curfew::test
