// Heads of the audit trail, signed, and events as lines.
#include "audit/proof/head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "audit/proof/signature.hpp"
#include "audit/proof/trail_line.hpp"
#include "base/ed25519.hpp"
#include "store/audit_chain.hpp"

namespace curfew::audit::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr WallInstant noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{12}};

Head example_head() {
    Head head;
    head.place.number = 57;
    head.place.hash.fill(0xab);
    head.at = noon;
    head.node = "gate-1";
    head.installation = installation_id(Secret{std::string(32, 'x')});
    head.key = "SHA256:0000";
    return head;
}

std::string signed_by(const Ed25519Key& key, const Head& head) {
    return signed_head(head, key.sign(signed_bytes(Purpose::head, head_document(head))));
}

TEST(AuditHead, SaysHowFarTheTrailHadComeAndWhoSaysSo) {
    EXPECT_EQ(head_document(example_head()), R"({"at":"2026-11-24T12:00:00Z","hash":")" +
                                                 to_hex(example_head().place.hash) + R"(","installation":")" +
                                                 example_head().installation +
                                                 R"(","key":"SHA256:0000","node":"gate-1","number":57})");
}

TEST(AuditHead, IsReadBackAndVerifiedByThePublicKeyAlone) {
    const auto key = Ed25519Key::generate();
    const auto read = read_signed_head(signed_by(key, example_head()));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->head.place, example_head().place);
    EXPECT_EQ(read->head.at, noon);
    EXPECT_EQ(read->head.node, "gate-1");
    EXPECT_TRUE(is_signed_by(*read, key.public_key()));
    EXPECT_FALSE(is_signed_by(*read, Ed25519Key::generate().public_key()));
}

TEST(AuditHead, IsNotSignedAnyMoreOnceAnythingInItWasChanged) {
    const auto key = Ed25519Key::generate();
    const auto line = signed_by(key, example_head());
    for (const auto& [from, to] :
         {std::pair{"57", "58"}, {"abab", "abac"}, {"gate-1", "gate-2"}, {"12:00", "12:01"}}) {
        auto changed = line;
        changed.replace(changed.find(from), std::string{from}.size(), to);
        const auto read = read_signed_head(changed);
        ASSERT_TRUE(read) << to;
        EXPECT_FALSE(is_signed_by(*read, key.public_key())) << to;
    }
}

TEST(AuditHead, IsStillSignedWhereItsLineWasParsedAndWrittenAgain) {
    const auto key = Ed25519Key::generate();
    auto line = signed_by(key, example_head());
    line.insert(1, R"( "number" : 57, )");
    line.replace(line.find(R"(,"number":57)"), 12, "");
    EXPECT_TRUE(is_signed_by(read_signed_head(line).value(), key.public_key()));
}

TEST(AuditHead, IsNoneWithoutItsMembers) {
    for (const char* line : {"", "x", "[]", "{}", R"({"number":1,"signature":"QQ=="})"})
        EXPECT_FALSE(read_signed_head(line)) << line;
}

TEST(AuditHead, TellsInstallationsApartAndNothingOfTheirSecret) {
    const auto one = installation_id(Secret{std::string(32, 'x')});
    EXPECT_EQ(one.size(), 32U);
    EXPECT_NE(one, installation_id(Secret{std::string(32, 'y')}));
}

store::ListedEvent listed(std::string summary) {
    store::Event event{3, noon + std::chrono::milliseconds{7}, "grant.given", "g-1", "", std::move(summary)};
    const auto hash = store::chained_hash(store::chain_root, event);
    return {std::move(event), hash};
}

TEST(TrailLine, HasTheSummaryAsItWasHashed) {
    // Not as any library writes it.
    const auto one = listed(R"({"a" : 1.50, "b":"\u00e4" })");
    const auto read = read_trail_line(boost::json::serialize(json_of(one)));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->event.summary, one.event.summary);
    EXPECT_EQ(read->event.at, one.event.at);
    EXPECT_EQ(read->event.actor, "");
    EXPECT_EQ(store::chained_hash(store::chain_root, read->event), read->hash);
}

TEST(TrailLine, IsReadableThoughTheSummaryIsNoJson) {
    const auto line = boost::json::serialize(json_of(listed("nonsense")));
    EXPECT_THAT(line, HasSubstr(R"("summary":{"unreadable":"nonsense"})"));
    EXPECT_EQ(read_trail_line(line)->event.summary, "nonsense");
}

TEST(TrailLine, IsRefusedWithWhatItLacks) {
    auto object = json_of(listed("{}"));
    object.erase("summary_text");
    EXPECT_THAT(event_of(object).error().message, HasSubstr("curfew audit export"));
    object = json_of(listed("{}"));
    object["hash"] = "12";
    EXPECT_FALSE(event_of(object));
    EXPECT_FALSE(read_trail_line("{"));
}

}  // namespace
}  // namespace curfew::audit::test
