// Receipts: what they say, and that nothing of it can be changed unseen.
#include "audit/receipt.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "audit/proof/canonical_json.hpp"
#include "audit/proof/receipt_file.hpp"
#include "base/base64.hpp"
#include "base/time_text.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using audit::ReceiptFile;
using audit::ReceiptVerdict;
using testing::HasSubstr;
using testing::Not;

const WallInstant opening = *parse_utc("2026-11-24T14:00:00Z");

// alice's session under a grant that bob approved and carol extended, ended at its deadline.
store::EndedSessionFile example_file() {
    store::EndedSessionFile file;
    store::SessionRecord& session = file.session.record;
    session.id = *SessionId::parse("s-0123abcd");
    session.grant = *GrantId::parse("g-0123abcd");
    session.user = "alice";
    session.resource = "prod-postgres";
    session.database = "orders";
    session.node = "node-a";
    session.client_address = "192.0.2.7:50123";
    session.application_name = "psql";
    session.backend = {4711, "2026-11-24 14:05:00.123456+00"};
    session.started_at = opening + 5min;
    session.state = store::SessionState::ended;
    session.ended_at = opening + 1h + 30ms;
    session.cause = policy::EndCause::grant_expired;
    session.confirmation = store::Confirmation::activity;
    session.client_closed_at = opening + 1h + 2ms;
    session.backend_gone_at = opening + 1h + 25ms;
    session.facts.bytes_from_client = 17;
    session.facts.bytes_to_client = 4096;
    session.facts.client_overstay = 2ms;
    session.facts.backend_overstay = 25ms;
    session.facts.last_statement = "UPDATE orders\nSET paid = true -- \xC3\xBC \"x\" \\";
    session.facts.transaction_outcome = policy::TransactionOutcome::rolled_back;
    session.facts.recording = policy::RecordingMode::statements;
    session.facts.recording_hash = Sha256Digest{0xAB};
    session.facts.recording_bytes = 1000;
    file.session.deadline = opening + 1h;

    policy::Grant& grant = file.grant;
    grant.id = session.grant;
    grant.subject = {policy::Subject::Kind::user, "alice"};
    grant.resource = session.resource;
    grant.window = {opening, opening + 1h};
    grant.reason = "ticket 7";
    grant.given_by = "bob";
    grant.given_at = opening;
    grant.request = *RequestId::parse("r-0123abcd");
    file.extensions.push_back({opening + 20min, "carol", std::nullopt, opening + 30min, opening + 1h});

    policy::Request request;
    request.id = *grant.request;
    request.requester = "alice";
    request.resource = session.resource;
    request.duration = 30min;
    request.reason = "ticket 7";
    request.asked_at = opening - 10min;
    request.status = policy::RequestStatus::executed;
    request.decision = policy::Decision::window_passed;
    request.approval = policy::Decision::reviewed;
    request.approved_at = opening;
    request.rules = {"prod"};
    request.granted = 30min;
    policy::Review review;
    review.reviewer = "bob";
    review.group = "dba";
    review.comment = "fine";
    review.at = opening;
    request.reviews.push_back(review);
    file.requests.push_back(std::move(request));
    file.head = {41, Sha256Digest{1}};
    file.now = opening + 1h + 40ms;
    return file;
}

class Receipts : public testing::Test {
protected:
    ReceiptFile issue(const store::EndedSessionFile& file = example_file()) const {
        const auto signed_one = audit::sign_receipt(file, {"node-a", "0.1.0"}, key);
        return {signed_one.document, signed_one.signature, signed_one.public_key};
    }
    boost::json::object content(const store::EndedSessionFile& file = example_file()) const {
        return boost::json::parse(issue(file).document).as_object();
    }
    ReceiptVerdict judge(const ReceiptFile& file) const {
        return audit::judge_receipt(file, {{key.public_key()}, {}});
    }

    audit::SigningKey key{Ed25519Key::generate()};
};

TEST_F(Receipts, SayWhatWasAllowedAndHowItEnded) {
    const boost::json::value expected = boost::json::parse(R"({
        "format": "curfew receipt v1",
        "session": {"id": "s-0123abcd", "user": "alice", "resource": "prod-postgres", "database": "orders",
            "node": "node-a", "client_address": "192.0.2.7:50123", "application_name": "psql",
            "backend": {"pid": 4711, "started": "2026-11-24 14:05:00.123456+00"},
            "started_at": "2026-11-24T14:05:00Z", "deadline": "2026-11-24T15:00:00Z",
            "ended_at": "2026-11-24T15:00:00.030Z", "cause": "grant_expired", "detail": ""},
        "grant": {"id": "g-0123abcd", "subject": "alice", "resource": "prod-postgres",
            "starts_at": "2026-11-24T14:00:00Z", "ends_at": "2026-11-24T15:00:00Z", "replication": false,
            "reason": "ticket 7", "given_by": "bob", "given_at": "2026-11-24T14:00:00Z",
            "request": "r-0123abcd", "revoked": null,
            "extensions": [{"at": "2026-11-24T14:20:00Z", "by": "carol", "request": null,
                "from": "2026-11-24T14:30:00Z", "to": "2026-11-24T15:00:00Z"}]},
        "requests": [{"id": "r-0123abcd", "kind": "access", "type": "jit", "requester": "alice",
            "reason": "ticket 7", "asked_at": "2026-11-24T13:50:00Z", "duration_ms": 1800000,
            "status": "EXECUTED", "decision": "window_passed", "decided_by": "", "decided_at": null,
            "decision_comment": "", "approval": "reviewed", "approved_at": "2026-11-24T14:00:00Z",
            "granted_ms": 1800000, "rules": ["prod"], "review_due": false,
            "reviews": [{"reviewer": "bob", "group": "dba", "verdict": "approve", "comment": "fine",
                "duration_ms": null, "at": "2026-11-24T14:00:00Z"}]}],
        "client": {"closed_at": "2026-11-24T15:00:00.002Z", "overstay_ms": 2, "bytes_received": 17,
            "bytes_sent": 4096},
        "backend": {"gone_at": "2026-11-24T15:00:00.025Z", "confirmation": "activity", "overstay_ms": 25},
        "work": {"last_statement": "UPDATE orders\nSET paid = true -- ü \"x\" \\",
            "transaction_outcome": "rolled_back"},
        "recording": {"mode": "statements", "bytes": 1000,
            "hash": "ab00000000000000000000000000000000000000000000000000000000000000"},
        "audit_trail": {"last_event": 41,
            "hash": "0100000000000000000000000000000000000000000000000000000000000000"},
        "issued": {"at": "2026-11-24T15:00:00.040Z", "by": "node-a", "version": "0.1.0"}})");
    auto shown = content();
    EXPECT_EQ(shown.at("issued").as_object().at("key"), boost::json::string(key.fingerprint()));
    shown.at("issued").as_object().erase("key");
    EXPECT_EQ(boost::json::value(shown), expected);
}

TEST_F(Receipts, SayNullOfWhatIsNotKnown) {
    store::EndedSessionFile file = example_file();
    file.session.record.facts = {};
    file.session.record.client_closed_at.reset();
    file.session.record.backend_gone_at.reset();
    file.requests.clear();
    file.grant.request.reset();
    const auto shown = content(file);
    EXPECT_TRUE(shown.at("client").at("closed_at").is_null());
    EXPECT_TRUE(shown.at("client").at("overstay_ms").is_null());
    EXPECT_TRUE(shown.at("client").at("bytes_sent").is_null());
    EXPECT_TRUE(shown.at("backend").at("gone_at").is_null());
    EXPECT_TRUE(shown.at("work").at("last_statement").is_null());
    EXPECT_TRUE(shown.at("work").at("transaction_outcome").is_null());
    EXPECT_TRUE(shown.at("recording").at("mode").is_null());
    EXPECT_TRUE(shown.at("grant").at("request").is_null());
    EXPECT_TRUE(shown.at("requests").as_array().empty());
}

TEST_F(Receipts, SayThatTheGrantWasRevoked) {
    store::EndedSessionFile file = example_file();
    file.grant.revoked = policy::Grant::Revocation{opening + 30min, "carol", "incident"};
    const boost::json::value revoked = content(file).at("grant").at("revoked");
    EXPECT_EQ(revoked,
              (boost::json::value{{"at", "2026-11-24T14:30:00Z"}, {"by", "carol"}, {"reason", "incident"}}));
}

TEST_F(Receipts, HoldWhatIsNoTextWrittenOut) {
    store::EndedSessionFile file = example_file();
    file.session.record.application_name = "\xFF";
    EXPECT_EQ(content(file).at("session").at("application_name"), "\\xff");
}

TEST_F(Receipts, AreGenuineByATrustedKeyOrItsFingerprint) {
    const ReceiptFile file = issue();
    EXPECT_EQ(judge(file), ReceiptVerdict::genuine);
    EXPECT_EQ(audit::judge_receipt(file, {{}, {key.fingerprint()}}), ReceiptVerdict::genuine);
}

TEST_F(Receipts, AreAStrangersByAnyOtherKey) {
    const audit::SigningKey other{Ed25519Key::generate()};
    const ReceiptFile file = issue();
    EXPECT_EQ(audit::judge_receipt(file, {}), ReceiptVerdict::stranger);
    EXPECT_EQ(audit::judge_receipt(file, {{other.public_key()}, {other.fingerprint()}}),
              ReceiptVerdict::stranger);
}

TEST_F(Receipts, AreNotWhatWasSignedOnceAnyByteOfTheDocumentIsAnother) {
    const ReceiptFile file = issue();
    for (std::size_t i = 0; i < file.document.size(); ++i) {
        ReceiptFile changed = file;
        changed.document[i] = static_cast<char>(changed.document[i] ^ 1);
        ASSERT_EQ(judge(changed), ReceiptVerdict::altered) << "byte " << i;
    }
}

TEST_F(Receipts, AreNotSignedByAnotherKeyOrForAnotherPurpose) {
    ReceiptFile file = issue();
    file.public_key = audit::SigningKey{Ed25519Key::generate()}.public_key();
    EXPECT_EQ(audit::judge_receipt(file, {{file.public_key}, {}}), ReceiptVerdict::altered);
    file = issue();
    file.signature = key.sign(audit::Purpose::head, file.document);
    EXPECT_EQ(judge(file), ReceiptVerdict::altered);
}

// --- The file ----------------------------------------------------------------------------------------------

TEST_F(Receipts, AreReadAsTheyWereWritten) {
    const ReceiptFile file = issue();
    const auto read = audit::read_receipt_file(audit::write_receipt_file(file)).value();
    EXPECT_EQ(read.file.document, file.document);
    EXPECT_EQ(read.file.signature, file.signature);
    EXPECT_EQ(read.file.public_key, file.public_key);
    EXPECT_EQ(read.content.at("session").at("user"), "alice");
}

TEST_F(Receipts, HaveTheDocumentOnTheSecondLineOfTheirFile) {
    const ReceiptFile file = issue();
    EXPECT_THAT(audit::write_receipt_file(file), HasSubstr("{\"receipt\":\n" + file.document + "\n,"));
    EXPECT_THAT(file.document, Not(HasSubstr("\n")));
}

void indent(std::string& out, const boost::json::value& value) {
    if (const auto* object = value.if_object()) {
        out += "{\n  ";
        std::size_t left = object->size();
        // In another order, too.
        for (auto member = object->end(); member != object->begin();) {
            --member;
            out += boost::json::serialize(member->key()) + " : ";
            indent(out, member->value());
            if (--left > 0) out += " ,\r\n";
        }
        out += "}\n";
    } else {
        out += boost::json::serialize(value);
    }
}

TEST_F(Receipts, StayGenuineWhereTheirFileWasWrittenAnew) {
    std::string anew;
    indent(anew, boost::json::parse(audit::write_receipt_file(issue())));
    const auto read = audit::read_receipt_file(anew);
    ASSERT_TRUE(read) << read.error().message << anew;
    EXPECT_EQ(judge(read->file), ReceiptVerdict::genuine);
}

// Whatever a changed file is taken for, it is not for something else that was signed.
TEST_F(Receipts, SayNothingElseOnceAnyByteOfTheirFileIsAnother) {
    const std::string written = audit::write_receipt_file(issue());
    const std::string document = issue().document;
    for (std::size_t i = 0; i < written.size(); ++i) {
        for (const int bit : {1, 32}) {
            std::string changed = written;
            changed[i] = static_cast<char>(changed[i] ^ bit);
            const auto read = audit::read_receipt_file(changed);
            if (!read || judge(read->file) != ReceiptVerdict::genuine) continue;
            ASSERT_EQ(read->file.document, document) << "byte " << i << ": " << changed;
        }
    }
}

TEST_F(Receipts, AreRefusedWhereAMemberIsThereTwice) {
    std::string written = audit::write_receipt_file(issue());
    const std::string user = R"("user":"alice")";
    written.replace(written.find(user), user.size(), R"("user":"mallory","user":"alice")");
    const auto read = audit::read_receipt_file(written);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("the same member twice"));
}

TEST_F(Receipts, AreRefusedWithAnythingThatIsNotSigned) {
    std::string written = audit::write_receipt_file(issue());
    written.insert(written.find(",\"signature\""), ",\"note\":\"all is well\"");
    EXPECT_FALSE(audit::read_receipt_file(written));
}

TEST_F(Receipts, OfAnotherFormatAreLeftToWhoKnowsIt) {
    store::SignedReceipt newer;
    newer.document = R"({"format":"curfew receipt v2"})";
    const auto read = audit::read_receipt_file(audit::write_receipt_file(
        {newer.document, key.sign(audit::Purpose::receipt, newer.document), key.public_key()}));
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("of the version that issued it"));
}

TEST_F(Receipts, AreNotTakenFromWhatIsNone) {
    for (const char* text : {"", "{}", "[]", "hello", "{\"receipt\":{}}", "{\"receipt\":1.5}", "\xFF"})
        EXPECT_FALSE(audit::read_receipt_file(text)) << text;
    EXPECT_FALSE(audit::read_receipt_file(std::string(2'000'000, ' ')));
}

// --- Canonical JSON ----------------------------------------------------------------------------------------

// RFC 8785, section 3.2, without its fractions.
TEST(CanonicalJson, IsAsTheStandardHasIt) {
    const auto value = boost::json::parse(
        R"({"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false],"10":-1,"1":{"b":2,"a":[]}})");
    EXPECT_EQ(
        audit::canonical_json(value),
        R"({"1":{"a":[],"b":2},"10":-1,"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"})");
}

TEST(CanonicalJson, IsNotMadeOfWhatIsNotTheSameToEverybody) {
    for (const char* text : {R"({"a":1.5})", R"({"a":1e3})", R"({"a":{"b":1,"b":2}})", R"({"ü":1})",
                             R"({"a":123456789012345678901})", "[1]", "{"})
        EXPECT_FALSE(audit::parse_signed_json(text, 1000, "It")) << text;
    EXPECT_TRUE(audit::parse_signed_json(R"({"a":"x:\":y","b":[{"c":1},{"c":2}]})", 1000, "It"));
}

}  // namespace
}  // namespace curfew::test
