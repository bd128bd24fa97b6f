// What those who decide see of a command before it runs: for whom it is made, and who sees it.
#include <gmock/gmock.h>

#include "commands_fixture.hpp"
#include "workflow/command_grants.hpp"

namespace curfew::test {
namespace {

using policy::Preview;
using policy::PreviewMode;
using testing::IsEmpty;
using testing::SizeIs;
using workflow::PreviewWanted;

const Preview plan{PreviewMode::explain, "Update on orders", false};

class CommandPreviews : public CommandsTest {
protected:
    CommandPreviews() {
        add_to_rule("preview: explain");
        here->desk.when_preview_wanted([this](PreviewWanted one) -> workflow::Awaitable<Preview> {
            wanted.push_back(std::move(one));
            co_return plan;
        });
    }
    void add_to_rule(const std::string& line) {
        declare(replaced(declared, "allowed_statements", line + "\n    allowed_statements")).value();
    }
    std::optional<Preview> seen_by(const std::string& person, const policy::RequestId& id) {
        workflow::Person viewer;
        viewer.name = person;
        return await(here->desk.find(id, viewer)).value().request.command->preview;
    }

    std::vector<PreviewWanted> wanted;
};

TEST_F(CommandPreviews, AreKeptWithTheRequest) {
    const auto id = ask_for(update());
    EXPECT_EQ(look_up(id).command->preview, plan);
    ASSERT_THAT(wanted, SizeIs(1));
    EXPECT_EQ(wanted[0].mode, PreviewMode::explain);
    EXPECT_EQ(wanted[0].user, "alice");
    EXPECT_EQ(wanted[0].resource, "prod");
    EXPECT_EQ(wanted[0].command, update());
}

TEST_F(CommandPreviews, AreMadeInTheNameThatGrantsAreOf) {
    ask_for(update(), "al");
    ASSERT_THAT(wanted, SizeIs(1));
    EXPECT_EQ(wanted[0].user, "alice");
}

TEST_F(CommandPreviews, AreForThoseWhoDecideAndNotForWhoAsks) {
    const auto id = ask_for(update());
    EXPECT_EQ(seen_by("carol", id), plan);
    EXPECT_EQ(seen_by("root", id), plan);
    EXPECT_FALSE(seen_by("alice", id)) << "a plan tells of data that she may not read";
}

TEST_F(CommandPreviews, AreNotMadeWhereNoRuleWantsThem) {
    declare(replaced(declared, "preview: explain", "preview: off")).value();
    EXPECT_FALSE(look_up(ask_for(update())).command->preview);
    EXPECT_THAT(wanted, IsEmpty());
}

TEST_F(CommandPreviews, AreNotMadeWhereNobodyHasToDecide) {
    add_to_rule("skip_review_groups: [developers]");
    const auto id = ask_for(update());
    EXPECT_EQ(look_up(id).status, policy::RequestStatus::approved);
    EXPECT_THAT(wanted, IsEmpty());
}

TEST_F(CommandPreviews, AreNotMadeForThoseWhoMayNotAsk) {
    EXPECT_FALSE(await(here->commands.ask("carol", "prod", update())));
    policy::Wish wish;
    wish.type = policy::RequestType::command;
    wish.user = "carol";
    wish.command = script();
    EXPECT_FALSE(await(here->desk.submit("prod", wish)));
    EXPECT_THAT(wanted, IsEmpty());
}

TEST_F(CommandPreviews, AreMadeUnderAGrantOfTheirOwn) {
    const auto grant =
        await(workflow::give_preview_grant(*store, node, registry->rulebook(), "alice", "prod"));
    ASSERT_TRUE(grant);
    const auto given = await(store->find_grant(*grant)).value();
    EXPECT_EQ(given.grant.use, policy::GrantUse::preview) << "nobody else gets in by it";
    EXPECT_EQ(given.grant.given_by, "rule commands");
    EXPECT_EQ(given.remaining, workflow::preview_grant_length);
    ASSERT_THAT(node.grants, SizeIs(1));
    EXPECT_EQ(node.grants.front().grant.id, *grant);
}

}  // namespace
}  // namespace curfew::test
