// A node's grants that were signed offline, from being taken to standing in the store.
#include "proxy/offline_grants.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <filesystem>

#include "protocol/postgres/scram_verifier.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/temporary_directory.hpp"
#include "unit/policy/offline_fixture.hpp"
#include "unit/proxy_streams/loop.hpp"

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using policy::test::Approvers;
using policy::test::grant_for_alice;
using policy::test::ten_o_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OfflineGrantsTest : public testing::Test {
protected:
    OfflineGrantsTest() {
        for (const char* user : {"alice", "bob", "carol", "dave"})
            config.users[user].name = user;
        config.resources["prod"].name = "prod";
        config.offline_grants = config::OfflineGrants{approvers.terms(), directory / "offline"};
        clock.advance(1min);
        open();
    }

    // As a start of curfewd does.
    void open() {
        offline.reset();
        offline.emplace(clock, metrics, "db-a");
        const auto opened = offline->open(config);
        EXPECT_TRUE(opened) << opened.error().message;
    }
    std::shared_ptr<const proxy::Setup> setup() const {
        auto made = std::make_shared<proxy::Setup>();
        made->config = std::make_shared<const config::Config>(config);
        made->directory = config.directory();
        return made;
    }
    Result<OfflineGrants::Taken> take(OfflineTrial trial = OfflineTrial::take) {
        return offline->take(policy::to_json(document), "root", trial, *setup());
    }
    OfflineGrants::Taken taken() {
        auto result = take();
        EXPECT_TRUE(result) << result.error().message;
        return std::move(*result);
    }
    std::string refusal() {
        const auto result = take();
        return result ? "taken" : result.error().message;
    }
    store::SessionRecord session(const GrantId& grant) const {
        store::SessionRecord record;
        record.id = SessionId::generate();
        record.grant = grant;
        record.user = "alice";
        record.resource = "prod";
        record.node = "db-a";
        record.started_at = clock.wall_now();
        return record;
    }
    // What the node learns of each grant that is entered.
    std::vector<store::GrantCountdown> enter() {
        std::vector<store::GrantCountdown> entered;
        const auto done = loop.run(offline->enter(
            *store, setup(), [&](const store::GrantCountdown& grant) { entered.push_back(grant); }));
        EXPECT_TRUE(done) << done.error().message;
        return entered;
    }
    policy::Request request(const RequestId& id) {
        const auto found = loop.run(store->find_request(id));
        EXPECT_TRUE(found) << found.error().message;
        return found->request;
    }
    std::vector<store::Event> events() { return loop.run(store->events_since(0, 1000)).value(); }
    std::size_t count(const std::string& kind) {
        const auto all = events();
        return static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [&](const auto& event) { return event.kind == kind; }));
    }

    test::TemporaryDirectory directory;
    test::Loop loop;
    ManualClock clock{ten_o_clock};
    ManualClock clock_of_store{ten_o_clock + 5h};  // nobody's clock need be right
    std::shared_ptr<store::SqliteStore> store =
        store::SqliteStore::open(directory / "store.db", clock_of_store).value();
    metrics::Metrics metrics{"test", ""};
    const Approvers approvers;
    config::Config config;
    policy::OfflineDocument document = approvers.signed_by_bob_and_carol();
    std::optional<OfflineGrants> offline;
};

TEST_F(OfflineGrantsTest, LiveForWhatWasSignedFromTheMomentTheyAreTaken) {
    const auto result = taken();
    EXPECT_EQ(result.live.grant.subject.name, "alice");
    EXPECT_EQ(result.live.grant.resource, "prod");
    EXPECT_EQ(result.live.starts, clock.boot_now());
    EXPECT_EQ(result.live.ends, clock.boot_now() + 20min);
    EXPECT_TRUE(result.live.outlives_store);
    EXPECT_EQ(result.told.grant.remaining, 20min);
}

TEST_F(OfflineGrantsTest, AreTakenOnce) {
    taken();
    EXPECT_THAT(refusal(), HasSubstr("was used already"));
    open();
    EXPECT_THAT(refusal(), HasSubstr("was used already")) << "also after a restart";
    clock.advance(365 * 24h);
    clock.step_wall(-365 * 24h);
    EXPECT_THAT(refusal(), HasSubstr("was used already")) << "whatever becomes of the clock";
}

TEST_F(OfflineGrantsTest, AreNotUsedUpByALook) {
    const auto looked_at = take(OfflineTrial::only_look);
    ASSERT_TRUE(looked_at) << looked_at.error().message;
    EXPECT_TRUE(looked_at->told.grant.grant.empty());
    EXPECT_THAT(offline->journal()->records(), IsEmpty());
    taken();
}

TEST_F(OfflineGrantsTest, AreNotUsedUpByARefusal) {
    config.offline_grants->terms.approvals = 3;
    EXPECT_THAT(refusal(), HasSubstr("2 of 3 approvers signed it"));
    config.offline_grants->terms.approvals = 2;
    taken();
}

TEST_F(OfflineGrantsTest, AreNotTakenWithoutTheSection) {
    config.offline_grants.reset();
    open();
    EXPECT_THAT(refusal(), HasSubstr("takes no grants that are signed offline"));
}

TEST_F(OfflineGrantsTest, ComeWithAPasswordWhereCurfewAsksForOne) {
    config.resources["prod"].login = config::LoginMode::managed;
    const auto result = taken();
    ASSERT_TRUE(result.told.password);
    const auto verifier = postgres::ScramVerifier::parse(result.live.grant.verifier->reveal());
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(postgres::matches(*verifier, result.told.password->reveal()));
    const auto entered = enter();
    ASSERT_THAT(entered, SizeIs(1));
    ASSERT_TRUE(entered[0].grant.verifier) << "which goes on when the store is back";
    EXPECT_EQ(entered[0].grant.verifier->reveal(), result.live.grant.verifier->reveal());
}

TEST_F(OfflineGrantsTest, ComeWithNoPasswordWherePostgreSqlAsks) {
    EXPECT_FALSE(taken().told.password);
}

TEST_F(OfflineGrantsTest, AreEnteredAsARequestWhoseReviewIsDue) {
    const auto result = taken();
    clock.advance(3min);
    const auto entered = enter();
    ASSERT_THAT(entered, SizeIs(1));
    EXPECT_EQ(entered[0].grant.id, result.told.grant.grant);
    EXPECT_EQ(entered[0].remaining, 17min) << "by the time that passed here, whatever the store's clock says";
    const auto written = request(result.told.grant.request);
    EXPECT_EQ(written.status, policy::RequestStatus::approved);
    EXPECT_EQ(written.approval, policy::Decision::signed_offline);
    EXPECT_TRUE(written.review_due);
    EXPECT_EQ(written.grant, result.told.grant.grant);
    EXPECT_TRUE(offline->is_entered(result.told.grant.grant));
    EXPECT_THAT(enter(), IsEmpty()) << "once";
}

TEST_F(OfflineGrantsTest, LeaveTheirSignaturesAndAnAlarmAmongTheEvents) {
    taken();
    enter();
    EXPECT_EQ(count("request.break_glass"), 1U);
    ASSERT_EQ(count("offline_grant.taken"), 1U);
    for (const auto& event : events()) {
        if (event.kind != "offline_grant.taken") continue;
        const auto summary = boost::json::parse(event.summary);
        const std::string token{summary.at("document").as_string()};
        EXPECT_EQ(policy::parse_offline_document(token).value(), document);
        EXPECT_EQ(summary.at("signers").as_array().size(), 2U);
    }
}

TEST_F(OfflineGrantsTest, AreEnteredOnceThoughTheAnswerWasLost) {
    const auto result = taken();
    ASSERT_TRUE(offline->session_started(session(result.told.grant.grant)));
    const auto journal = directory / "offline" / "journal";
    std::filesystem::copy_file(journal, directory / "before");
    enter();
    offline.reset();
    // The node died before it could note that they are there.
    std::filesystem::copy_file(directory / "before", journal,
                               std::filesystem::copy_options::overwrite_existing);
    open();
    EXPECT_THAT(enter(), SizeIs(1));
    EXPECT_EQ(count("request.submitted"), 1U);
    EXPECT_EQ(count("session.started"), 1U);
    EXPECT_THAT(offline->journal()->sessions(), IsEmpty());
}

TEST_F(OfflineGrantsTest, AreEnteredThoughTheyAreOver) {
    const auto result = taken();
    clock.advance(2h);
    const auto entered = enter();
    ASSERT_THAT(entered, SizeIs(1));
    EXPECT_EQ(entered[0].state(), policy::GrantState::ended);
    EXPECT_TRUE(request(result.told.grant.request).review_due);
}

TEST_F(OfflineGrantsTest, AreRevokedInTheStoreWhereTheyWereRevokedWithoutIt) {
    const auto result = taken();
    const auto revoked = offline->revoke(result.told.grant.grant, "root", "not needed");
    ASSERT_TRUE(revoked) << revoked.error().message;
    EXPECT_EQ(revoked->state(), policy::GrantState::revoked);
    const auto entered = enter();
    ASSERT_THAT(entered, SizeIs(1));
    ASSERT_TRUE(entered[0].grant.revoked);
    EXPECT_EQ(entered[0].grant.revoked->by, "root");
    EXPECT_FALSE(offline->revoke(result.told.grant.grant, "root", "again")) << "the store's to revoke now";
}

TEST_F(OfflineGrantsTest, HoldTheirSessionsUntilTheStoreKnowsThem) {
    const auto result = taken();
    const auto begun = session(result.told.grant.grant);
    ASSERT_TRUE(offline->session_started(begun));
    EXPECT_TRUE(offline->holds(begun.id));
    enter();
    EXPECT_FALSE(offline->holds(begun.id));
    const auto unfinished = loop.run(store->unfinished_sessions("db-a")).value();
    ASSERT_THAT(unfinished, SizeIs(1));
    EXPECT_EQ(unfinished[0].id, begun.id);
}

}  // namespace
}  // namespace curfew::proxy
