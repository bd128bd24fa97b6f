// `curfew receipt`: kept as it was signed, verified without a server, and told in words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

#include "audit/receipt.hpp"
#include "base/base64.hpp"
#include "child_process.hpp"
#include "cli/receipt_text.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class ReceiptCommands : public testing::Test {
protected:
    ReceiptCommands() {
        auto record = example_record();
        record.facts.transaction_outcome = policy::TransactionOutcome::unknown;
        admin.record(record);
    }
    Finished show(const std::vector<std::string>& more) {
        std::vector<std::string> command{"--socket", admin.socket(), "receipt", "show"};
        command.insert(command.end(), more.begin(), more.end());
        return run_curfew(command);
    }
    // With no server to ask.
    static Finished verify(const std::vector<std::string>& more, std::string_view input = "") {
        std::vector<std::string> command{"receipt", "verify"};
        command.insert(command.end(), more.begin(), more.end());
        return run_curfew(command, input);
    }
    std::string kept() {
        admin.issue_receipts();
        const std::string file = directory / "receipt.json";
        EXPECT_EQ(show({session, "-o", file}).exit_code, 0);
        return file;
    }
    static std::string content(const std::string& file) {
        std::ifstream stream{file};
        return {std::istreambuf_iterator<char>{stream}, {}};
    }
    static std::string key() { return encode_base64(receipt_key().public_key()); }

    RunningAdmin admin;
    const std::string session{example_record().id.text()};
    TemporaryDirectory directory{"curfew-receipts"};
};

TEST_F(ReceiptCommands, ShowSaysWhatIsInIt) {
    admin.issue_receipts();
    const auto done = show({session});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out,
                AllOf(HasSubstr(session + ": alice on prod/orders"), HasSubstr("because its grant expired"),
                      HasSubstr("unknown: the end came"), HasSubstr(receipt_key().fingerprint())));
}

TEST_F(ReceiptCommands, ShowKeepsWhatTheServerGives) {
    const std::string file = kept();
    EXPECT_EQ(content(file), show({session, "--json"}).out);
    EXPECT_EQ(show({session, "-o", file}).exit_code, 4) << "what is there stays";
}

TEST_F(ReceiptCommands, ShowSaysThatThereIsNone) {
    EXPECT_EQ(show({session}).exit_code, 3);
    EXPECT_THAT(show({session}).err, HasSubstr("has no receipt"));
}

TEST_F(ReceiptCommands, VerifyNeedsNothingButTheKey) {
    const std::string file = kept();
    const std::string pem = directory.write("key.pem", ed25519_public_pem(receipt_key().public_key()));
    for (const std::string& trusted : {key(), receipt_key().fingerprint(), pem}) {
        const auto done = verify({file, "--key", trusted});
        EXPECT_EQ(done.exit_code, 0) << trusted << done.out << done.err;
        EXPECT_THAT(done.out, AllOf(HasSubstr("alice on prod/orders"), HasSubstr("Genuine:")));
    }
    EXPECT_EQ(verify({"-", "--key", key()}, content(file)).exit_code, 0);
}

TEST_F(ReceiptCommands, VerifyTrustsNoKeyThatIsNotGiven) {
    const std::string file = kept();
    const auto alone = verify({file});
    EXPECT_EQ(alone.exit_code, 10);
    EXPECT_THAT(alone.out, HasSubstr("whose key that is, a receipt cannot say"));
    const std::string other = encode_base64(Ed25519Key::generate().public_key());
    EXPECT_THAT(verify({file, "--key", other}).out, HasSubstr("NOT TRUSTED"));
    EXPECT_EQ(verify({file, "--key", other}).exit_code, 10);
    EXPECT_EQ(verify({file, "--key", other, "--key", key()}).exit_code, 0);
}

TEST_F(ReceiptCommands, VerifyFindsWhatWasAlteredAndDoesNotTellItAsTrue) {
    std::string text = content(kept());
    text.replace(text.find("alice"), 5, "malic");
    const auto done = verify({directory.write("altered.json", text), "--key", key()});
    EXPECT_EQ(done.exit_code, 10);
    EXPECT_THAT(done.out, AllOf(HasSubstr("ALTERED"), Not(HasSubstr("malic"))));
}

TEST_F(ReceiptCommands, VerifyTellsProgramsItsVerdict) {
    const std::string file = kept();
    const auto done = verify({file, "--key", key(), "--json"});
    const auto said = boost::json::parse(done.out);
    EXPECT_EQ(said.at("verdict"), "genuine");
    EXPECT_EQ(said.at("receipt").at("session").at("user"), "alice");
    EXPECT_EQ(boost::json::parse(verify({file, "--json"}).out).at("verdict"), "key_not_trusted");
}

TEST_F(ReceiptCommands, VerifyRefusesWhatIsNoReceiptOrNoKey) {
    EXPECT_EQ(verify({directory / "nothing.json"}).exit_code, 2);
    EXPECT_EQ(verify({directory.write("other.json", "{}")}).exit_code, 2);
    EXPECT_EQ(verify({kept(), "--key", directory.write("no.key", "hello")}).exit_code, 2);
}

// --- In words ----------------------------------------------------------------------------------------------

std::string words_of(const std::string& document) {
    std::string words;
    for (const auto& [name, value] : cli::receipt_facts(boost::json::parse(document).as_object()))
        words.append(name).append(" ").append(value).append("\n");
    return words;
}

TEST(ReceiptWords, AreOfWhoApprovedAndHow) {
    const std::string words = words_of(R"({"requests":[{"id":"r-1","requester":"alice","reason":"ticket 7",
        "asked_at":"2026-11-24T13:50:00Z","duration_ms":1800000,"approval":"break_glass",
        "approved_at":"2026-11-24T14:00:00Z","review_due":true,"reviews":[{"reviewer":"bob","group":"dba",
        "verdict":"reject","comment":"no","at":"2026-11-24T14:10:00Z"}]}]})");
    EXPECT_THAT(words, HasSubstr("for 30m: \"ticket 7\""));
    EXPECT_THAT(words, HasSubstr("BREAK-GLASS"));
    EXPECT_THAT(words, HasSubstr("bob rejected for dba"));
    EXPECT_THAT(words, HasSubstr("still due"));
}

TEST(ReceiptWords, SayWhatIsNotKnown) {
    const std::string words = words_of(R"({"client":{"closed_at":null,"overstay_ms":null,
        "bytes_received":null,"bytes_sent":1},"backend":{"confirmation":"unconfirmed","gone_at":null}})");
    EXPECT_THAT(words,
                HasSubstr("left at an unknown time; an unknown number of bytes came from it, 1 byte "));
    EXPECT_THAT(words, HasSubstr("NOT CONFIRMED"));
}

TEST(ReceiptWords, HoldNothingThatATerminalWouldObey) {
    const std::string words = words_of(R"({"work":{"last_statement":"\u001b[2J"}})");
    EXPECT_THAT(words, AllOf(HasSubstr("\\x1b"), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace curfew::test
