// Heads of the audit trail, as they are written down while a node is at work.
#include "audit/heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "audit/proof/head.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/awaiting.hpp"
#include "support/running_loop.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::audit::test {
namespace {

using namespace std::chrono_literals;
using curfew::test::await;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class AuditHeads : public testing::Test {
protected:
    AuditHeads() {
        store = store::SqliteStore::open(directory / "curfew.db", clock, {}).value();
        settings.file = directory / "heads.jsonl";
        settings.interval = 1h;
    }

    void happens() { await(store->set_password("alice", Secret{"hash"}, "root")).value(); }
    HeadSigner signer() { return {*store, key, clock, "gate-1"}; }
    std::vector<SignedHead> written() {
        std::vector<SignedHead> heads;
        std::ifstream file{*settings.file};
        for (std::string line; std::getline(file, line);)
            heads.push_back(read_signed_head(line).value());
        return heads;
    }
    // On a loop of its own.
    void write_if_moved(HeadLog& log) { curfew::test::await_on(loop, log.write_if_moved()); }

    curfew::test::TemporaryDirectory directory{"curfew-heads"};
    SystemClock clock;
    metrics::Metrics metrics{"1.2.3", "abc1234"};
    const SigningKey key{Ed25519Key::generate()};
    std::shared_ptr<store::SqliteStore> store;
    config::AuditHeads settings;
    boost::asio::io_context loop;
};

TEST_F(AuditHeads, SayHowFarTheTrailHasComeAndAreSignedByTheNodesKey) {
    happens();
    const auto head = signer();
    const auto made = await(sign_head(head)).value();
    const auto read = read_signed_head(made.line).value();
    EXPECT_TRUE(is_signed_by(read, key.public_key()));
    EXPECT_EQ(read.head.place, await(store->head_of_events()).value());
    EXPECT_EQ(read.head.node, "gate-1");
    EXPECT_EQ(read.head.key, key.fingerprint());
    EXPECT_EQ(read.head.installation, installation_id(await(store->installation_secret()).value()));
}

TEST_F(AuditHeads, AreWrittenDownWhereTheTrailHasMovedSince) {
    HeadLog log{loop.get_executor(), signer(), settings, metrics};
    write_if_moved(log);
    EXPECT_THAT(written(), IsEmpty()) << "there is nothing yet";
    happens();
    write_if_moved(log);
    write_if_moved(log);
    EXPECT_THAT(written(), SizeIs(1));
    happens();
    write_if_moved(log);
    ASSERT_THAT(written(), SizeIs(2));
    EXPECT_EQ(written().back().head.place.number, 2U);
}

TEST_F(AuditHeads, AreForTheOwnerAndTheGroupOfTheirFileAlone) {
    happens();
    HeadLog log{loop.get_executor(), signer(), settings, metrics};
    const auto mask = ::umask(077);
    write_if_moved(log);
    ::umask(mask);
    struct stat status {};
    ASSERT_EQ(::stat(settings.file->c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(AuditHeads, AreWrittenAtTheStartAndWhenSomethingHappened) {
    settings.interval = 1ms;
    happens();
    HeadLog log{loop.get_executor(), signer(), settings, metrics};
    auto running = curfew::test::start(loop, log.run());
    const auto until = [&](std::size_t heads) {
        const auto deadline = curfew::test::now() + curfew::test::patience;
        while (written().size() < heads && curfew::test::now() < deadline)
            loop.run_one_for(100ms);
    };
    until(1);
    EXPECT_THAT(written(), SizeIs(1));
    happens();
    until(2);
    EXPECT_THAT(written(), SizeIs(2));
    log.stop();
    curfew::test::finish(loop, running);
}

TEST_F(AuditHeads, ThatCannotBeWrittenAreCountedAndTriedAgain) {
    happens();
    settings.file = directory / "nowhere/heads.jsonl";
    HeadLog log{loop.get_executor(), signer(), settings, metrics};
    write_if_moved(log);
    EXPECT_THAT(metrics.expose({}), HasSubstr(R"(curfew_audit_heads_total{outcome="failed"} 1)"));
    std::filesystem::create_directory(directory / "nowhere");
    write_if_moved(log);
    EXPECT_THAT(written(), SizeIs(1));
    EXPECT_THAT(metrics.expose({}), HasSubstr(R"(curfew_audit_heads_total{outcome="written"} 1)"));
}

}  // namespace
}  // namespace curfew::audit::test
