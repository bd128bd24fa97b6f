#include "protocol/postgres/outcome_tracker.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>
#include <string_view>

#include "support/wire_messages.hpp"

namespace curfew::postgres {

// For messages of failed tests.
std::ostream& operator<<(std::ostream& out, TransactionOutcome outcome) {
    switch (outcome) {
        case TransactionOutcome::none:
            return out << "none";
        case TransactionOutcome::committed:
            return out << "committed";
        case TransactionOutcome::rolled_back:
            return out << "rolled_back";
        case TransactionOutcome::unknown:
            break;
    }
    return out << "unknown";
}

namespace {

using Outcome = TransactionOutcome;

// A session, told as it goes.
class Told {
public:
    Told& client(std::string_view bytes) {
        tracker_.from_client(bytes);
        return *this;
    }
    Told& server(std::string_view bytes) {
        tracker_.from_server(bytes);
        return *this;
    }
    // A simple Query that was answered by these tags.
    Told& ran(std::string_view sql, std::initializer_list<std::string_view> tags, char status) {
        client(wire::query(sql));
        for (const auto tag : tags)
            server(wire::complete(tag));
        return server(wire::ready(status));
    }
    Told& in_block() { return ran("BEGIN", {"BEGIN"}, 'T'); }

    Outcome now(bool gone = true) const { return tracker_.outcome(gone); }
    // If the backend ends, saying so, or without a word.
    Outcome if_terminated(std::string_view sqlstate = "57P01") const {
        OutcomeTracker tracker = tracker_;
        tracker.from_server(wire::fatal(sqlstate));
        return tracker.outcome(true);
    }
    Outcome if_lost() const { return now(); }

private:
    OutcomeTracker tracker_;
};

std::string extended(std::string_view sql) {
    return wire::parse("", sql) + wire::bind("", "") + wire::execute();
}
const std::string prepared_and_bound = wire::parse_complete() + wire::bind_complete();

TEST(OutcomeTracker, KnowsOfNoneWhereNothingWasAskedFor) {
    Told told;
    EXPECT_EQ(told.now(), Outcome::none);
    EXPECT_EQ(told.now(false), Outcome::none);
    told.server(wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::none);
    EXPECT_EQ(told.if_terminated(), Outcome::none);
}

TEST(OutcomeTracker, SaysOfWhatWasAnsweredThatItIsCommitted) {
    Told told;
    told.ran("INSERT INTO t VALUES (1)", {"INSERT 0 1"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
    EXPECT_EQ(told.now(false), Outcome::committed) << "whether or not the backend is gone";
    EXPECT_EQ(told.if_terminated(), Outcome::committed);
}

TEST(OutcomeTracker, SaysOfWhatFailedThatItIsRolledBack) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1)")).server(wire::error("23505", "duplicate"));
    EXPECT_EQ(told.now(), Outcome::rolled_back);
    told.server(wire::ready('I'));
    EXPECT_EQ(told.now(false), Outcome::rolled_back);
}

// --- The end while a simple query runs

TEST(OutcomeTracker, SaysOfAStatementThatTheEndInterruptedThatItIsRolledBack) {
    Told told;
    told.client(wire::query("INSERT INTO t SELECT pg_sleep(9)"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    EXPECT_EQ(told.if_lost(), Outcome::unknown) << "it may have committed, and not been able to say so";
    EXPECT_EQ(told.now(false), Outcome::unknown);
}

TEST(OutcomeTracker, TrustsNoFatalButThoseOfAnOrderlyEnd) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1)"));
    for (const auto sqlstate : {"57P01", "57P05", "25P03", "25P04"})
        EXPECT_EQ(told.if_terminated(sqlstate), Outcome::rolled_back) << sqlstate;
    EXPECT_EQ(told.if_terminated("08P01"), Outcome::unknown) << "a pooler that lost its server";
    EXPECT_EQ(told.if_terminated("57P02"), Outcome::unknown) << "another process crashed";
    Told panicked = told;
    panicked.server(wire::report('E', "PANIC", "57P01", "could not write"));
    EXPECT_EQ(panicked.now(), Outcome::unknown);
}

TEST(OutcomeTracker, KnowsAnEndThatIsSaidInAnotherLanguage) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1)"));
    using namespace std::string_view_literals;
    told.server(wire::message('E', "SSCHWERWIEGEND\0VFATAL\0C57P01\0M...\0\0"sv));
    EXPECT_EQ(told.now(), Outcome::rolled_back);
}

TEST(OutcomeTracker, SaysOfAStatementThatWasAnsweredBeforeTheEndThatItIsCommitted) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1)")).server(wire::complete("INSERT 0 1"));
    EXPECT_EQ(told.if_terminated(), Outcome::committed);
    EXPECT_EQ(told.if_lost(), Outcome::committed) << "it commits before it answers";
}

TEST(OutcomeTracker, DoubtsAProcedureThatMayHaveCommitted) {
    for (const auto sql :
         {"CALL p()", "DO $$ BEGIN COMMIT; END $$", "VACUUM", "CREATE INDEX CONCURRENTLY i ON t (a)"}) {
        Told told;
        told.client(wire::query(sql));
        EXPECT_EQ(told.if_terminated(), Outcome::unknown) << sql;
        Told in_block;
        in_block.in_block().client(wire::query(sql));
        EXPECT_EQ(in_block.if_terminated(), Outcome::rolled_back) << sql << " cannot commit in a block";
        EXPECT_EQ(in_block.if_lost(), Outcome::unknown) << sql;
    }
}

TEST(OutcomeTracker, KnowsAProcedureThatWasAnswered) {
    Told told;
    told.ran("CALL p()", {"CALL"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
}

// --- Transaction blocks

TEST(OutcomeTracker, SaysOfABlockThatIsOpenThatItIsRolledBack) {
    for (const char status : {'T', 'E'}) {
        Told told;
        told.in_block().ran("INSERT INTO t VALUES (1)", {"INSERT 0 1"}, status);
        EXPECT_EQ(told.now(), Outcome::rolled_back);
        EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
        EXPECT_EQ(told.now(false), Outcome::unknown) << "its backend may be there, and be told to commit";
    }
}

TEST(OutcomeTracker, SaysOfABlockWhatItsEndSaid) {
    Told told;
    told.in_block().ran("INSERT INTO t VALUES (1)", {"INSERT 0 1"}, 'T').ran("COMMIT", {"COMMIT"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
    told.in_block().ran("ROLLBACK", {"ROLLBACK"}, 'I');
    EXPECT_EQ(told.now(), Outcome::rolled_back);
}

TEST(OutcomeTracker, KnowsACommitThatRolledBack) {
    Told told;
    told.in_block();
    told.client(wire::query("SELECT 1/0"))
        .server(wire::error("22012", "division by zero") + wire::ready('E'));
    told.ran("COMMIT", {"ROLLBACK"}, 'I');
    EXPECT_EQ(told.now(), Outcome::rolled_back);
}

TEST(OutcomeTracker, KnowsACommitThatFailed) {
    Told told;
    told.in_block().client(wire::query("COMMIT"));
    told.server(wire::error("23503", "deferred") + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::rolled_back);
}

TEST(OutcomeTracker, DoubtsACommitThatWasNotAnswered) {
    Told told;
    told.in_block().client(wire::query("COMMIT"));
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back) << "PostgreSQL answers before it ends";
    told.server(wire::complete("COMMIT"));
    EXPECT_EQ(told.if_lost(), Outcome::committed);
    EXPECT_EQ(told.if_terminated(), Outcome::committed);
}

TEST(OutcomeTracker, KnowsThatAStatementInABlockCannotHaveCommitted) {
    Told told;
    told.in_block().client(wire::query("UPDATE t SET a = pg_sleep(9)"));
    EXPECT_EQ(told.if_lost(), Outcome::rolled_back);
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    EXPECT_EQ(told.now(false), Outcome::unknown);
    told.server(wire::complete("UPDATE 1"));
    EXPECT_EQ(told.if_lost(), Outcome::rolled_back);
}

TEST(OutcomeTracker, KnowsABlockThatIsChainedToTheLast) {
    Told told;
    told.in_block().ran("COMMIT AND CHAIN", {"COMMIT"}, 'T');
    EXPECT_EQ(told.now(), Outcome::rolled_back) << "that of the block which is open";
}

TEST(OutcomeTracker, SaysOfAPreparedTransactionThatItIsOpen) {
    Told told;
    told.in_block().ran("PREPARE TRANSACTION 'x'", {"PREPARE TRANSACTION"}, 'I');
    EXPECT_EQ(told.now(), Outcome::unknown);
    told.ran("COMMIT PREPARED 'x'", {"COMMIT PREPARED"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
    told.client(wire::query("COMMIT PREPARED 'x'"));
    EXPECT_EQ(told.if_terminated(), Outcome::unknown) << "that commits in the midst of it";
}

TEST(OutcomeTracker, TakesAnEndOutsideABlockForNothing) {
    Told told;
    told.ran("INSERT INTO t VALUES (1)", {"INSERT 0 1"}, 'I').ran("ROLLBACK", {"ROLLBACK"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, KnowsThatASavepointEndsNoTransaction) {
    Told told;
    told.in_block().ran("SAVEPOINT a", {"SAVEPOINT"}, 'T').ran("ROLLBACK TO a", {"ROLLBACK"}, 'T');
    EXPECT_EQ(told.now(), Outcome::rolled_back);
    told.ran("COMMIT", {"COMMIT"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
}

// --- Several statements in one Query

TEST(OutcomeTracker, KnowsTheLastOfSeveralStatements) {
    Told told;
    told.ran("BEGIN; INSERT INTO t VALUES (1); COMMIT", {"BEGIN", "INSERT 0 1", "COMMIT"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
    told.ran("INSERT INTO t VALUES (1); ROLLBACK", {"INSERT 0 1", "ROLLBACK"}, 'I');
    EXPECT_EQ(told.now(), Outcome::rolled_back);
    told.ran("ROLLBACK; INSERT INTO t VALUES (1)", {"ROLLBACK", "INSERT 0 1"}, 'I');
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, RollsBackAllOfAQueryThatTheEndInterrupted) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1); SELECT pg_sleep(9)"))
        .server(wire::complete("INSERT 0 1"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back) << "both are one transaction";
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    told.server(wire::complete("SELECT 1"));
    EXPECT_EQ(told.if_lost(), Outcome::committed) << "the last is answered, so all are committed";
}

TEST(OutcomeTracker, KnowsThatWhatFollowsACommitInAQueryIsATransactionOfItsOwn) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1); COMMIT; SELECT pg_sleep(9)"));
    told.server(wire::complete("INSERT 0 1") + wire::complete("COMMIT"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back) << "the last transaction is that of the SELECT";
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
}

TEST(OutcomeTracker, DoubtsHowManyStatementsThereAreWhereALiteralMayHideOne) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES ('a;b')")).server(wire::complete("INSERT 0 1"));
    EXPECT_EQ(told.if_terminated(), Outcome::unknown);
    Told multi;
    multi.client(wire::query("INSERT INTO t VALUES ('a'); SELECT pg_sleep(9)"));
    multi.server(wire::complete("INSERT 0 1"));
    EXPECT_EQ(multi.if_terminated(), Outcome::unknown);
}

TEST(OutcomeTracker, DoubtsWhatIsTooLongToBeLookedAt) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1)" + std::string(10'000, ' ') + "; CALL p()"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back) << "the INSERT was not answered, so nothing was";
    told.server(wire::complete("INSERT 0 1"));
    EXPECT_EQ(told.if_terminated(), Outcome::unknown);
}

TEST(OutcomeTracker, TakesAnEmptyQueryForNothing) {
    Told told;
    told.client(wire::query(" ; ")).server(wire::message('I') + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::none);
}

// --- The extended protocol

TEST(OutcomeTracker, SaysOfWhatSyncHasCommittedThatItIs) {
    Told told;
    told.client(extended("INSERT INTO t VALUES (1)") + wire::sync());
    told.server(prepared_and_bound + wire::complete("INSERT 0 1") + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, KnowsThatNothingIsCommittedBeforeSync) {
    Told told;
    told.client(extended("INSERT INTO t VALUES (1)") + wire::flush());
    EXPECT_EQ(told.if_lost(), Outcome::rolled_back);
    told.server(prepared_and_bound + wire::complete("INSERT 0 1"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    EXPECT_EQ(told.if_lost(), Outcome::rolled_back);
    told.client(wire::sync());
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    EXPECT_EQ(told.if_terminated(), Outcome::unknown);
}

TEST(OutcomeTracker, SaysOfAnExecuteThatTheEndInterruptedThatItIsRolledBack) {
    Told told;
    told.client(extended("INSERT INTO t SELECT pg_sleep(9)") + wire::sync());
    told.server(prepared_and_bound);
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
}

TEST(OutcomeTracker, TakesAPipelineUpToSyncForOneTransaction) {
    Told told;
    told.client(extended("INSERT INTO t VALUES (1)") + extended("INSERT INTO t VALUES (2)") + wire::sync());
    told.server(prepared_and_bound + wire::complete("INSERT 0 1"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    told.server(prepared_and_bound + wire::error("23505", "duplicate"));
    EXPECT_EQ(told.if_lost(), Outcome::rolled_back);
    told.server(wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::rolled_back);
}

TEST(OutcomeTracker, KnowsACommitInAPipeline) {
    Told told;
    told.client(extended("BEGIN") + extended("INSERT INTO t VALUES (1)") + extended("COMMIT") + wire::sync());
    told.server(prepared_and_bound + wire::complete("BEGIN") + prepared_and_bound +
                wire::complete("INSERT 0 1"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    told.server(prepared_and_bound + wire::complete("COMMIT"));
    EXPECT_EQ(told.if_terminated(), Outcome::committed);
    EXPECT_EQ(told.if_lost(), Outcome::committed);
    told.server(wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, RemembersWhichStatementsMayCommitByThemselves) {
    Told told;
    told.client(wire::parse("clean", "CALL clean()") + wire::parse("end", "COMMIT") +
                wire::parse("add", "INSERT INTO t VALUES (1)") + wire::sync());
    told.server(wire::parse_complete() + wire::parse_complete() + wire::parse_complete() + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::none) << "nothing was run";

    Told cleaning = told;
    cleaning.client(wire::bind("", "clean") + wire::execute() + wire::sync());
    EXPECT_EQ(cleaning.if_terminated(), Outcome::unknown);
    Told adding = told;
    adding.client(wire::bind("p", "add") + wire::execute("p") + wire::sync());
    EXPECT_EQ(adding.if_terminated(), Outcome::rolled_back);
    Told ending = told;
    ending.in_block().client(wire::bind("", "end") + wire::execute() + wire::sync());
    EXPECT_EQ(ending.if_lost(), Outcome::unknown);
    EXPECT_EQ(ending.if_terminated(), Outcome::rolled_back);
    Told in_block = told;
    in_block.in_block().client(wire::bind("", "add") + wire::execute() + wire::sync());
    EXPECT_EQ(in_block.if_lost(), Outcome::rolled_back);
}

TEST(OutcomeTracker, RunsWhatAPortalWasBoundToLast) {
    Told told;
    told.client(wire::parse("", "CALL p()") + wire::bind("", "") + wire::parse("", "SELECT 1") +
                wire::bind("", "") + wire::execute() + wire::sync());
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    Told other;
    other.client(wire::parse("", "CALL p()") + wire::bind("", "") + wire::parse("", "SELECT 1") +
                 wire::execute() + wire::sync());
    EXPECT_EQ(other.if_terminated(), Outcome::unknown) << "a portal keeps what it was bound to";
}

TEST(OutcomeTracker, KnowsThatAPortalWithMoreRowsIsOpen) {
    Told told;
    told.client(wire::parse("", "SELECT 1") + wire::bind("", "") + wire::execute("", 10) + wire::flush());
    told.server(prepared_and_bound + wire::message('s'));
    EXPECT_EQ(told.if_lost(), Outcome::rolled_back);
    told.client(wire::sync()).server(wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, TakesParsingAloneForNoTransaction) {
    Told told;
    told.ran("INSERT INTO t VALUES (1)", {"INSERT 0 1"}, 'I');
    told.client(wire::parse("s", "SELECT 1") + wire::describe('S', "s") + wire::sync());
    EXPECT_EQ(told.if_lost(), Outcome::committed);
    told.server(wire::parse_complete() + wire::no_data() + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, KnowsThatWhatWaitsBehindAnotherHasNotBegun) {
    Told told;
    told.client(extended("CALL p()") + wire::sync() + extended("INSERT INTO t VALUES (1)") + wire::sync());
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back) << "the last asked for is the INSERT";
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    told.server(prepared_and_bound + wire::complete("CALL") + wire::ready('I'));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    told.server(prepared_and_bound + wire::complete("INSERT 0 1") + wire::ready('I'));
    EXPECT_EQ(told.now(false), Outcome::committed);
}

TEST(OutcomeTracker, PromisesNothingOfAPipelineThatItLostCountOf) {
    Told told;
    const std::string insert = extended("INSERT INTO t VALUES (1)") + wire::sync();
    told.client(insert + insert + wire::sync());
    told.server(prepared_and_bound + wire::complete("INSERT 0 1") + wire::ready('I'));
    told.server(prepared_and_bound + wire::complete("INSERT 0 1") + wire::ready('I'));
    EXPECT_EQ(told.if_terminated(), Outcome::unknown) << "the Sync that is left runs nothing";
    told.server(wire::ready('I'));
    EXPECT_EQ(told.if_terminated(), Outcome::committed);
}

// --- Others

TEST(OutcomeTracker, KnowsThatACopyThatTheEndInterruptedIsRolledBack) {
    Told told;
    told.client(wire::query("COPY t FROM STDIN")).server(wire::copy_response('G'));
    told.client(wire::copy_data("1\n") + wire::copy_data("2\n"));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    told.client(wire::copy_done());
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    told.server(wire::complete("COPY 2") + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, KnowsThatACopyInIgnoresTheSyncBeforeItsEnd) {
    Told told;
    told.client(extended("COPY t FROM STDIN") + wire::sync());
    told.server(prepared_and_bound + wire::copy_response('G'));
    told.client(wire::sync() + wire::copy_data("1\n") + wire::copy_done() + wire::sync());
    told.server(wire::complete("COPY 1") + wire::ready('I'));
    EXPECT_EQ(told.now(false), Outcome::committed);
}

TEST(OutcomeTracker, KnowsThatACopyThatTheClientFailedIsRolledBack) {
    Told told;
    told.client(wire::query("COPY t FROM STDIN")).server(wire::copy_response('G'));
    told.client(wire::copy_fail("no")).server(wire::error("57014", "COPY failed") + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::rolled_back);
}

TEST(OutcomeTracker, KnowsAFunctionCall) {
    Told told;
    told.client(wire::function_call(1, {}));
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    told.server(wire::message('V', wire::u32(0xFFFFFFFFU)) + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::committed);
}

TEST(OutcomeTracker, TakesReplicationForNoTransaction) {
    Told told;
    told.client(wire::query("IDENTIFY_SYSTEM"));
    told.server(wire::data_row({"1"}) + wire::complete("IDENTIFY_SYSTEM") + wire::ready('I'));
    EXPECT_EQ(told.now(), Outcome::none);
    told.client(wire::query("START_REPLICATION SLOT s LOGICAL 0/0")).server(wire::copy_response('W'));
    EXPECT_EQ(told.if_lost(), Outcome::none);
    EXPECT_EQ(told.if_terminated(), Outcome::none);
}

TEST(OutcomeTracker, MindsNoticesParametersAndNotificationsNot) {
    Told told;
    told.client(wire::query("INSERT INTO t VALUES (1)"));
    told.server(wire::report('N', "WARNING", "57P01", "x") +
                wire::message('S', wire::text("a") + wire::text("b")));
    told.server(wire::message('A', wire::u32(1) + wire::text("c") + wire::text("d")));
    EXPECT_EQ(told.if_lost(), Outcome::unknown);
    EXPECT_EQ(told.if_terminated(), Outcome::rolled_back);
}

TEST(OutcomeTracker, SaysTheSameHoweverTheBytesAreCut) {
    const std::string client = wire::query("BEGIN") + extended("INSERT INTO t VALUES (1)") + wire::sync() +
                               wire::parse("c", "CALL p()") + wire::bind("p", "c") + wire::execute("p") +
                               wire::sync();
    const std::string server = wire::complete("BEGIN") + wire::ready('T') + prepared_and_bound +
                               wire::complete("INSERT 0 1") + wire::ready('T') + prepared_and_bound;
    for (std::size_t size = 1; size < 40; ++size) {
        Told told;
        for (std::size_t at = 0; at < client.size(); at += size)
            told.client(std::string_view{client}.substr(at, size));
        for (std::size_t at = 0; at < server.size(); at += size)
            told.server(std::string_view{server}.substr(at, size));
        EXPECT_EQ(told.if_lost(), Outcome::unknown) << size;
        EXPECT_EQ(told.now(false), Outcome::unknown) << size;
    }
}

TEST(OutcomeTracker, SurvivesWhateverComes) {
    std::mt19937 random{11};
    std::uniform_int_distribution<int> byte{0, 255};
    constexpr std::string_view types = "QPBEDCSHFdcfX123CDEGHINSTVWZnst";
    std::uniform_int_distribution<std::size_t> which{0, types.size() - 1};
    for (int round = 0; round < 2000; ++round) {
        Told told;
        for (int i = 0; i < 20; ++i) {
            std::string body(static_cast<std::size_t>(byte(random)) % 40U, '\0');
            for (char& c : body)
                c = static_cast<char>(byte(random));
            const std::string message = wire::message(types[which(random)], body);
            if (byte(random) % 2 == 0) {
                told.client(message);
            } else {
                told.server(message);
            }
            told.now(byte(random) % 2 == 0);
        }
    }
}

}  // namespace
}  // namespace curfew::postgres
