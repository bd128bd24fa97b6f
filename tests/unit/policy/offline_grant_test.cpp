// The document that approvers sign: one form, one sequence of bytes, and nothing else is taken for it.
#include "policy/offline_grant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "offline_fixture.hpp"

namespace curfew::policy::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string refusal_of(const std::string& text) {
    const auto parsed = parse_offline_document(text);
    return parsed ? "taken" : parsed.error().message;
}

TEST(OfflineGrant, IsSignedAsItsFieldsInAFixedOrderEachWithItsLength) {
    EXPECT_EQ(signed_bytes(grant_for_alice()),
              "curfew offline grant, version 1\n"
              "id 32 00112233445566778899aabbccddeeff\n"
              "installation 7 prod-eu\n"
              "node 4 db-a\n"
              "user 5 alice\n"
              "resource 4 prod\n"
              "duration 4 1200\n"
              "reason 38 the store is away and orders are stuck\n"
              "not_before 20 2026-11-25T10:00:00Z\n"
              "not_after 20 2026-11-25T12:00:00Z\n");
}

TEST(OfflineGrant, HasOtherBytesWhereAnyFieldIsAnother) {
    const std::vector<std::function<void(OfflineGrant&)>> changes{
        [](OfflineGrant& grant) { grant.id[0] = 'f'; },
        [](OfflineGrant& grant) { grant.installation = "prod-us"; },
        [](OfflineGrant& grant) { grant.node = "db-b"; },
        [](OfflineGrant& grant) { grant.user = "mallory"; },
        [](OfflineGrant& grant) { grant.resource = "prod2"; },
        [](OfflineGrant& grant) { grant.duration += 1s; },
        [](OfflineGrant& grant) { grant.reason += "!"; },
        [](OfflineGrant& grant) { grant.not_before -= 1s; },
        [](OfflineGrant& grant) { grant.not_after += 1s; }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        OfflineGrant changed = grant_for_alice();
        changes[i](changed);
        EXPECT_NE(signed_bytes(changed), signed_bytes(grant_for_alice())) << "field " << i;
    }
}

TEST(OfflineGrant, ComesBackFromItsFileAndFromItsToken) {
    const auto document = Approvers{}.signed_by_bob_and_carol();
    EXPECT_EQ(parse_offline_document(to_json(document)).value(), document);
    EXPECT_EQ(parse_offline_document(to_token(document)).value(), document);
    EXPECT_EQ(parse_offline_document("\n  " + to_token(document) + "\r\n").value(), document)
        << "pasted with what surrounds it";
    const OfflineDocument unsigned_document{grant_for_alice(), {}};
    EXPECT_EQ(parse_offline_document(to_json(unsigned_document)).value(), unsigned_document);
}

TEST(OfflineGrant, IsOneWordAsAToken) {
    EXPECT_EQ(to_token(Approvers{}.signed_by_bob_and_carol()).find_first_of(" \n'\"$"), std::string::npos);
}

TEST(OfflineGrant, IsNothingThatIsNotWholeOrNotJson) {
    const auto document = Approvers{}.signed_by_bob_and_carol();
    const std::string text = to_json(document);
    const std::string token = to_token(document);
    EXPECT_THAT(refusal_of(""), HasSubstr("it is no JSON object"));
    EXPECT_THAT(refusal_of("[]"), HasSubstr("it is no JSON object"));
    EXPECT_THAT(refusal_of(text.substr(0, text.size() / 2)), HasSubstr("it is no JSON object"));
    EXPECT_THAT(refusal_of(token.substr(0, token.size() - 3)), HasSubstr("its token is not whole"));
    EXPECT_THAT(refusal_of(std::string(100, '[')), HasSubstr("it is no JSON object"));
    EXPECT_THAT(refusal_of(std::string(longest_offline_document + 1, ' ')),
                HasSubstr("more than 16384 bytes"));
}

TEST(OfflineGrant, KnowsItsMembersAndNoOthers) {
    const std::string text = to_json({grant_for_alice(), {}});
    EXPECT_THAT(refusal_of(replaced(text, "\"version\": 1", "\"version\": 2")),
                HasSubstr("'version' is not 1"));
    EXPECT_THAT(refusal_of(replaced(text, "\"user\": \"alice\"", "\"user\": \"alice\", \"role\": \"x\"")),
                HasSubstr("'grant.role' is not known here"));
    EXPECT_THAT(refusal_of(replaced(text, "\"node\": \"db-a\",", "")),
                HasSubstr("'grant.node' must be text"));
    EXPECT_THAT(refusal_of(replaced(text, "\"alice\"", "7")), HasSubstr("'grant.user' must be text"));
    EXPECT_THAT(refusal_of(replaced(text, "[]", "{}")), HasSubstr("'signatures' must be a list"));
    EXPECT_THAT(refusal_of(replaced(text, "[]", "[{\"key\": \"AAAA\", \"signature\": \"AAAA\"}]")),
                HasSubstr("'signatures[].key' must be base64 of 32 bytes"));
}

TEST(OfflineGrant, IsRefusedWhereAFieldCannotBe) {
    const std::string text = to_json({grant_for_alice(), {}});
    EXPECT_THAT(refusal_of(replaced(text, "00112233", "0011223X")), HasSubstr("'id' must be 32 characters"));
    EXPECT_THAT(refusal_of(replaced(text, "\"20m\"", "\"2h\"")), HasSubstr("from 1s to 1h"));
    EXPECT_THAT(refusal_of(replaced(text, "\"20m\"", "\"1500ms\"")), HasSubstr("whole seconds"));
    EXPECT_THAT(refusal_of(replaced(text, "\"20m\"", "\"soon\"")), HasSubstr("'grant.duration'"));
    EXPECT_THAT(refusal_of(replaced(text, "T12:00:00Z", "T10:00:00Z")), HasSubstr("must be later"));
    EXPECT_THAT(refusal_of(replaced(text, "11-25T12:00:00Z", "11-26T10:00:01Z")),
                HasSubstr("by at most 24h"));
    EXPECT_THAT(refusal_of(replaced(text, "2026-11-25T12", "9126-11-25T12")), HasSubstr("by at most 24h"))
        << "further than nanoseconds reach";
    EXPECT_THAT(refusal_of(replaced(text, "T12:00:00Z", "T12:00:00.5Z")), HasSubstr("not_after"));
    EXPECT_THAT(refusal_of(replaced(text, "\"alice\"", "\"\"")), HasSubstr("'user' must be one line"));
}

TEST(OfflineGrant, HidesNothingFromWhoSigns) {
    const std::string text = to_json({grant_for_alice(), {}});
    for (const std::string hidden : {"\\n", "\\u0000", "\\u001b[2J", "\\u202e"}) {
        EXPECT_THAT(refusal_of(replaced(text, "are stuck", hidden)), HasSubstr("'reason' must be one line"))
            << hidden;
    }
}

TEST(OfflineGrant, IsDescribedWithEverythingThatIsSigned) {
    const auto lines = described(grant_for_alice());
    for (const std::string fact : {"alice", "prod", "20m", "the store is away and orders are stuck", "db-a",
                                   "prod-eu", "00112233445566778899aabbccddeeff"})
        EXPECT_THAT(lines, Contains(HasSubstr(fact)));
}

TEST(OfflineGrant, CollectsSignaturesFromCopies) {
    const Approvers approvers;
    const OfflineGrant grant = grant_for_alice();
    const OfflineDocument of_bob{grant, {signature_by(approvers.bob, grant)}};
    const OfflineDocument of_carol{grant, {signature_by(approvers.carol, grant)}};
    const auto both = with_signatures_of(of_bob, of_carol);
    EXPECT_EQ(both.value(), approvers.signed_by_bob_and_carol());
    EXPECT_EQ(with_signatures_of(*both, of_bob).value(), *both) << "each signature stands there once";
}

TEST(OfflineGrant, CollectsNoSignaturesOfAnother) {
    OfflineGrant other = grant_for_alice();
    other.id[0] = 'f';
    EXPECT_FALSE(with_signatures_of({grant_for_alice(), {}}, {other, {}}));
}

TEST(OfflineGrant, HasABoundedNumberOfSignatures) {
    OfflineDocument many{grant_for_alice(), {}};
    for (std::size_t i = 0; i <= most_offline_signatures; ++i)
        many.signatures.push_back({std::string(32, static_cast<char>('a' + i)), std::string(64, 's')});
    EXPECT_THAT(refusal_of(to_json(many)), HasSubstr("more than 16 signatures"));
    EXPECT_FALSE(with_signatures_of({grant_for_alice(), {}}, many));
}

}  // namespace
}  // namespace curfew::policy::test
