// Commands in the store: kept as they were asked for, run once, and what came of them beside them.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/sha256.hpp"
#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::CommandForm;
using policy::CommandResult;
using policy::Decision;
using policy::GrantUse;
using policy::Request;
using policy::RequestStatus;
using store::GrantCountdown;
using store::RequestChange;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// All that a command can have.
Request pipeline() {
    Request request = new_command_request(CommandForm::extended);
    policy::Command& command = *request.command;
    command.statements = {
        {"INSERT INTO \"übel\" VALUES ($1, $2)\n-- \\x41", {{"5", false}, {std::nullopt, false}}},
        {"SELECT $1", {{"\\x0005", true}}}};
    command.why_asked = "it writes public.\"übel\"";
    return request;
}

CommandResult result() {
    CommandResult result;
    result.outcome = CommandResult::Outcome::failed;
    result.parts = {{"INSERT 0 1", {}, {}, 0},
                    {"SELECT 2", {"id", "name"}, {{"1", std::nullopt}, {"2", "ü"}}, 2}};
    result.notices = {"NOTICE:  \"übel\""};
    result.sqlstate = "23505";
    result.message = "duplicate key value violates unique constraint \"orders_pkey\"";
    result.cut = true;
    result.ended_at = WallInstant{std::chrono::milliseconds{1'764'500'000'123}};
    return result;
}

class StoredCommands : public RequestTest {
protected:
    RequestId was_run(CommandForm form = CommandForm::query) {
        const RequestId id = ask(new_command_request(form)).request.id;
        EXPECT_TRUE(change(id, command_approval_by("bob")));
        EXPECT_TRUE(change(id, command_run()));
        return id;
    }
    Result<void> keep(const RequestId& id, CommandResult of = result()) {
        return await(store->set_command_result(id, std::move(of)));
    }
    void expect_refused(const RequestId& id, const store::ChangeRequest& with, const std::string& why) {
        const Request before = look_up_request(id).request;
        const auto answer = change(id, with);
        ASSERT_FALSE(answer) << why;
        EXPECT_EQ(answer.error().code, ErrorCode::internal);
        EXPECT_THAT(answer.error().message, HasSubstr(why));
        EXPECT_EQ(look_up_request(id).request, before);
    }
    // The event of this kind, with its summary in JSON.
    boost::json::object summary_of(const std::string& kind) {
        for (const store::Event& event : await(store->events_since(0, 1000)).value()) {
            if (event.kind == kind) return boost::json::parse(event.summary).as_object();
        }
        ADD_FAILURE() << "there is no event " << kind;
        return {};
    }
    Request listed(const RequestId& id) {
        for (const auto& record : await(store->list_requests({}, {100, {}})).value().requests) {
            if (record.request.id == id) return record.request;
        }
        throw std::runtime_error("it is not in the list");
    }
};

TEST_F(StoredCommands, AreThereAsTheyWereAskedFor) {
    const Request wanted = pipeline();
    const RequestId id = ask(wanted).request.id;
    EXPECT_EQ(look_up_request(id).request.command, wanted.command);
    reopen();
    EXPECT_EQ(look_up_request(id).request.command, wanted.command);
}

TEST_F(StoredCommands, AreNeverAnotherAfterwards) {
    const RequestId id = ask(new_command_request()).request.id;
    auto other = [](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto change = command_approval_by("bob")(request, grant, now);
        change->next.command->statements.front().sql += " WHERE id = 1";
        return change;
    };
    expect_refused(id, other, "whose command is another");
    auto none = [](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto change = command_approval_by("bob")(request, grant, now);
        change->next.command.reset();
        return change;
    };
    expect_refused(id, none, "whose command is another");
}

TEST_F(StoredCommands, GoWithTheirTypeAndNoOther) {
    Request without = new_command_request();
    without.command.reset();
    Request access = new_command_request();
    access.type = policy::RequestType::jit;
    Request begun = new_command_request();
    begun.command->brief = true;
    for (const Request& request : {without, access, begun}) {
        auto make = [&request](const std::optional<GrantCountdown>&, WallInstant) -> Result<RequestChange> {
            RequestChange change;
            change.next = request;
            return change;
        };
        EXPECT_EQ(await(store->add_request(std::nullopt, make)).error().code, ErrorCode::internal);
    }
    EXPECT_THAT(events(), IsEmpty());
}

TEST_F(StoredCommands, AreApprovedWithoutTimeToConnect) {
    const RequestId id = ask(new_command_request()).request.id;
    expect_refused(id, approval_by("bob"), "time for a command");
    ASSERT_TRUE(change(id, command_approval_by("bob")));
    EXPECT_FALSE(look_up_request(id).grant);
}

TEST_F(StoredCommands, OfASessionGiveNothingWhenTheyAreRun) {
    const RequestId id = ask(new_command_request()).request.id;
    ASSERT_TRUE(change(id, command_approval_by("bob")));
    auto giving = [](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto change = command_run()(request, grant, now);
        change->give = new_grant(request.requester, 30min);
        change->give->use = GrantUse::script;
        return change;
    };
    expect_refused(id, giving, "time for a command");
    const auto run = change(id, command_run()).value();
    EXPECT_EQ(run.after.request.decision, Decision::command_run);
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(StoredCommands, ThatAreScriptsGiveTheGrantThatTheyAreRunUnder) {
    const RequestId id = ask(new_command_request(CommandForm::script)).request.id;
    ASSERT_TRUE(change(id, command_approval_by("bob")));
    const auto run = change(id, command_run()).value();
    ASSERT_TRUE(run.after.grant);
    EXPECT_EQ(run.after.grant->grant.use, GrantUse::script);
    EXPECT_EQ(run.after.grant->grant.request, id);
    EXPECT_EQ(run.after.grant->remaining, 30min);
    EXPECT_THAT(run.after.grant->grant.approved_under, testing::Optional(SizeIs(2)));
    EXPECT_EQ(look_up(run.after.grant->grant.id).grant.use, GrantUse::script);
}

TEST_F(StoredCommands, ThatAreScriptsGiveNothingElse) {
    const RequestId id = ask(new_command_request(CommandForm::script)).request.id;
    const auto spoiled = [](store::ChangeRequest change, std::function<void(store::NewGrant&)> spoil) {
        return [change, spoil](const Request& request, const std::optional<GrantCountdown>& grant,
                               WallInstant now) {
            auto next = change(request, grant, now);
            if (!next->give) next->give = new_grant("alice", 30min);
            spoil(*next->give);
            return next;
        };
    };
    expect_refused(id, spoiled(command_approval_by("bob"), [](auto& give) { give.use = GrantUse::script; }),
                   "time for a command");
    ASSERT_TRUE(change(id, command_approval_by("bob")));
    for (const GrantUse use : {GrantUse::sessions, GrantUse::commands}) {
        expect_refused(id, spoiled(command_run(), [use](auto& give) { give.use = use; }),
                       "more than what it is run under");
    }
    expect_refused(id, spoiled(command_run(), [](auto& give) { give.subject.name = "mallory"; }),
                   "more than what it is run under");
    expect_refused(id, spoiled(command_run(), [](auto& give) { give.resource = "cards"; }),
                   "more than what it is run under");
    auto nothing = [](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto next = command_run()(request, grant, now);
        next->give.reset();
        return next;
    };
    expect_refused(id, nothing, "under no grant");
}

TEST_F(StoredCommands, GiveAccessNoGrantForCommands) {
    const RequestId id = ask().request.id;
    auto for_commands = [](const Request& request, const std::optional<GrantCountdown>& grant,
                           WallInstant now) {
        auto change = approval_by("bob")(request, grant, now);
        change->give->use = GrantUse::commands;
        return change;
    };
    expect_refused(id, for_commands, "something else than time to connect");
}

TEST_F(StoredCommands, HaveGrantsForThemThatArriveAsTheyWereGiven) {
    store::NewGrant wanted = new_grant();
    wanted.use = GrantUse::commands;
    const GrantCountdown given = give(wanted);
    EXPECT_EQ(given.grant.use, GrantUse::commands);
    EXPECT_EQ(look_up(given.grant.id).grant.use, GrantUse::commands);
    EXPECT_EQ(summary_of("grant.given").at("use"), "commands");
    EXPECT_FALSE(look_up(give().grant.id).grant.use != GrantUse::sessions);
}

TEST_F(StoredCommands, HaveNoScriptsGrantByHand) {
    store::NewGrant wanted = new_grant();
    wanted.use = GrantUse::script;
    EXPECT_EQ(await(store->add_grant(wanted)).error().code, ErrorCode::internal);
    wanted.use = GrantUse::commands;
    wanted.allow_replication = true;
    EXPECT_EQ(await(store->add_grant(wanted)).error().code, ErrorCode::internal);
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(StoredCommands, HaveNoCredentialAndNoMoreTimeForAScriptsGrant) {
    const GrantId grant = look_up_request(was_run(CommandForm::script)).grant->grant.id;
    EXPECT_EQ(await(store->set_grant_verifier(grant, Secret{"SCRAM-SHA-256$4096:x"}, "alice")).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(await(store->extend_grant(grant, 1h, "root")).error().code, ErrorCode::conflict);
    EXPECT_EQ(look_up(grant).remaining, 30min);
}

TEST_F(StoredCommands, KeepWhatCameOfThem) {
    const RequestId id = was_run();
    EXPECT_FALSE(look_up_request(id).request.command_result);
    ASSERT_TRUE(keep(id));
    EXPECT_EQ(look_up_request(id).request.command_result, result());
    reopen();
    EXPECT_EQ(look_up_request(id).request.command_result, result());
}

TEST_F(StoredCommands, KeepItOnce) {
    const RequestId id = was_run();
    ASSERT_TRUE(keep(id));
    CommandResult other;
    other.outcome = CommandResult::Outcome::succeeded;
    EXPECT_EQ(keep(id, other).error().code, ErrorCode::conflict);
    EXPECT_EQ(look_up_request(id).request.command_result, result());
}

TEST_F(StoredCommands, KeepNothingOfWhatWasNotRun) {
    const RequestId asked = ask(new_command_request()).request.id;
    EXPECT_EQ(keep(asked).error().code, ErrorCode::conflict);
    ASSERT_TRUE(change(asked, command_approval_by("bob")));
    EXPECT_EQ(keep(asked).error().code, ErrorCode::conflict);
    EXPECT_EQ(keep(approved().request.id).error().code, ErrorCode::conflict);
    EXPECT_EQ(keep(RequestId::generate()).error().code, ErrorCode::not_found);
}

TEST_F(StoredCommands, KeepWhatPostgresqlSaidInAnyEncoding) {
    const RequestId id = was_run();
    CommandResult latin;
    latin.message = "Schl\xfcssel";
    latin.notices = {std::string{"a\0b", 3}};
    ASSERT_TRUE(keep(id, latin));
    const auto kept = look_up_request(id).request.command_result.value();
    EXPECT_EQ(kept.message, "Schl\\xfcssel");
    EXPECT_THAT(kept.notices, ElementsAre((std::string{"a\0b", 3})));
}

TEST_F(StoredCommands, AreListedByTheirBeginning) {
    Request large = new_command_request(CommandForm::script);
    large.command->statements.front().sql = "DELETE FROM orders -- " + std::string(500'000, 'x');
    const RequestId id = ask(large).request.id;
    ASSERT_TRUE(change(id, command_approval_by("bob")));
    ASSERT_TRUE(change(id, command_run()));
    ASSERT_TRUE(keep(id));
    EXPECT_EQ(listed(id).command, policy::brief(*large.command));
    EXPECT_EQ(listed(id).command_result, policy::brief(result()));
    EXPECT_EQ(look_up_request(id).request.command, large.command);
}

TEST_F(StoredCommands, AreReconsideredWithAllOthers) {
    const RequestId id = ask(new_command_request()).request.id;
    auto rejected = [](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto change = rejection_by("bob")(request, grant, now);
        return std::optional{std::move(change).value()};
    };
    EXPECT_THAT(await(store->change_open_requests(rejected)).value(), SizeIs(1));
    EXPECT_EQ(look_up_request(id).request.command, new_command_request().command);
}

TEST_F(StoredCommands, AreInTheAuditTrailByTheirDigest) {
    Request secret = new_command_request(CommandForm::script);
    secret.command->statements.front().sql = "ALTER ROLE app PASSWORD 'hunter2'";
    ask(secret);
    const auto summary = summary_of("request.submitted");
    EXPECT_THAT(boost::json::serialize(summary), Not(HasSubstr("hunter2")));
    const auto& command = summary.at("command").as_object();
    EXPECT_EQ(command.at("form"), "script");
    EXPECT_EQ(command.at("database"), "orders");
    EXPECT_EQ(command.at("bytes"), 33);
    EXPECT_EQ(command.at("statements"), 1);
    EXPECT_EQ(command.at("sha256").as_string(), to_hex(sha256("ALTER ROLE app PASSWORD 'hunter2'")));
}

TEST_F(StoredCommands, DifferInTheAuditTrailByTheirValues) {
    Request one = pipeline();
    ask(one);
    const auto first = summary_of("request.submitted").at("command").as_object();
    EXPECT_EQ(first.at("session"), "s-7k3mq9xd");
    one.command->statements.front().parameters.front().value = "6";
    ask(one);
    std::vector<boost::json::object> commands;
    for (const store::Event& event : await(store->events_since(0, 100)).value())
        commands.push_back(boost::json::parse(event.summary).at("command").as_object());
    ASSERT_THAT(commands, SizeIs(2));
    EXPECT_EQ(commands[0].at("sha256"), commands[1].at("sha256"));
    EXPECT_NE(commands[0].at("document_sha256"), commands[1].at("document_sha256"));
}

TEST_F(StoredCommands, AreInTheAuditTrailWithWhatCameOfThem) {
    const RequestId id = was_run(CommandForm::script);
    CommandResult many = result();
    many.parts.assign(500, many.parts.front());
    ASSERT_TRUE(keep(id, many));
    const auto summary = summary_of("request.command_ended");
    EXPECT_EQ(summary.at("outcome"), "failed");
    EXPECT_EQ(summary.at("sqlstate"), "23505");
    EXPECT_EQ(summary.at("statements"), 500);
    EXPECT_EQ(summary.at("tags").as_array().size(), 10U);
    EXPECT_EQ(summary.at("requester"), "alice");
    EXPECT_EQ(summary.at("resource"), "prod-postgres");
    EXPECT_EQ(summary.at("grant").as_string(), look_up_request(id).grant->grant.id.text());
    EXPECT_THAT(boost::json::serialize(summary), Not(HasSubstr("orders_pkey")))
        << "it may name what is secret";
}

}  // namespace
}  // namespace curfew::test
