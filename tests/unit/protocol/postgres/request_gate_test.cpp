#include "protocol/postgres/request_gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace curfew::postgres {
namespace {

using Verdict = RequestGate::Verdict;
using Answer = RequestGate::Answer;

std::string gate_message(char type, std::string_view body = {}) {
    std::string bytes;
    append_message(bytes, type, [&](std::string& out) { out += body; });
    return bytes;
}

// A message of each type that is written as a letter, with a body where it has one.
std::string gate_messages(std::string_view types) {
    std::string bytes;
    for (const char type : types)
        bytes += gate_message(type, type == 'S' || type == 'H' || type == 'c' || type == 'X' ? "" : "body");
    return bytes;
}

// A gate, and what went through it. Answers are written as `!` (the error) and `Z` (ReadyForQuery).
struct Gated {
    // What is held is left for later.
    void send(std::string_view bytes) {
        waiting += bytes;
        go_on();
    }
    void go_on() {
        while (!waiting.empty() && !gate.broken()) {
            if (gate.passes_all()) {
                gate.pass(waiting);
                passed += waiting;
                waiting.clear();
                return;
            }
            const RequestGate::Step step = gate.next(waiting);
            if (step.verdict == Verdict::hold) return;
            if (step.verdict == Verdict::pass) passed += waiting.substr(0, step.bytes);
            waiting.erase(0, step.bytes);
            if (step.answer == Answer::error || step.answer == Answer::error_and_ready) answers += '!';
            if (step.answer == Answer::ready || step.answer == Answer::error_and_ready) answers += 'Z';
        }
    }
    // `Z` alone, or a message's type; then what was held may go on.
    void server(char type, char status = 'I') {
        if (type == 'Z') {
            gate.on_ready(status);
        } else {
            gate.on_message(type);
        }
        go_on();
    }
    // The types of the messages that passed.
    std::string passed_types() const {
        std::string types;
        std::string_view rest = passed;
        while (!rest.empty()) {
            Header header;
            if (rest.size() < header_size || !read_header(rest.data(), header)) return types + "…";
            types += header.type;
            rest.remove_prefix(std::min(rest.size(), header_size + header.body_length));
        }
        return types;
    }

    RequestGate gate;
    std::string waiting;
    std::string passed;
    std::string answers;
};

Gated closed_gate(char status = 'I') {
    Gated gated;
    gated.gate = RequestGate{status};
    gated.gate.close();
    return gated;
}

TEST(RequestGate, LetsEverythingPassWhileItIsOpen) {
    Gated gated;
    EXPECT_TRUE(gated.gate.passes_all());
    gated.send(gate_messages("QPBDESHFdcfCX"));
    EXPECT_EQ(gated.passed_types(), "QPBDESHFdcfCX");
    EXPECT_EQ(gated.answers, "");
}

TEST(RequestGate, RefusesAQueryAndSaysThatItIsReady) {
    Gated gated = closed_gate();
    gated.send(gate_messages("QQ"));
    EXPECT_EQ(gated.passed, "");
    EXPECT_EQ(gated.answers, "!Z!Z");
}

TEST(RequestGate, RefusesAFunctionCallLikeAQuery) {
    Gated gated = closed_gate();
    gated.send(gate_messages("F"));
    EXPECT_EQ(gated.passed, "");
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, RefusesABatchOnceAndIsReadyAtItsSync) {
    for (const char* batch : {"PBDES", "BES", "DS", "ES", "CS", "PHDHBEHS"}) {
        Gated gated = closed_gate();
        std::string types = batch;
        types.pop_back();
        gated.send(gate_messages(types));
        EXPECT_EQ(gated.answers, "!") << batch;
        gated.send(gate_messages("S"));
        EXPECT_EQ(gated.answers, "!Z") << batch;
        EXPECT_EQ(gated.passed, "") << batch;
    }
}

TEST(RequestGate, DropsWhateverFollowsARefusedMessageUpToTheSync) {
    Gated gated = closed_gate();
    gated.send(gate_messages("PQFdcS"));
    EXPECT_EQ(gated.passed, "");
    EXPECT_EQ(gated.answers, "!Z") << "PostgreSQL skips these too";
}

TEST(RequestGate, RefusesEachBatchOfAPipeline) {
    Gated gated = closed_gate();
    gated.send(gate_messages("PBESPBESBES"));
    EXPECT_EQ(gated.passed, "");
    EXPECT_EQ(gated.answers, "!Z!Z!Z");
}

TEST(RequestGate, AnswersOnceTheRefusedMessageIsWhole) {
    Gated gated = closed_gate();
    const std::string query = gate_message('Q', std::string(1000, 'x'));
    gated.send(std::string_view{query}.substr(0, query.size() - 1));
    EXPECT_EQ(gated.answers, "");
    EXPECT_EQ(gated.waiting, "") << "nothing is kept of it";
    gated.send(std::string_view{query}.substr(query.size() - 1));
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, LetsTerminatePassAlways) {
    Gated idle = closed_gate();
    idle.send(gate_messages("X"));
    EXPECT_EQ(idle.passed_types(), "X");
    Gated skipping = closed_gate();
    skipping.send(gate_messages("PBX"));
    EXPECT_EQ(skipping.passed_types(), "X");
    Gated waiting;
    waiting.send(gate_messages("Q"));
    waiting.gate.close();
    waiting.send(gate_messages("X"));
    EXPECT_EQ(waiting.passed_types(), "QX");
}

TEST(RequestGate, LetsSyncAndFlushPassSinceTheyBeginNothing) {
    Gated gated = closed_gate();
    gated.send(gate_messages("HS"));
    EXPECT_EQ(gated.passed_types(), "HS");
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.answers, "") << "the Sync has not been answered";
    gated.server('Z');
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, DropsCopyDataThatNothingAskedFor) {
    Gated gated = closed_gate();
    gated.send(gate_messages("dcf"));
    EXPECT_EQ(gated.passed, "");
    EXPECT_EQ(gated.answers, "");
}

TEST(RequestGate, LetsAnOpenTransactionGoOnAndRefusesTheNext) {
    Gated gated = closed_gate('T');
    gated.send(gate_messages("Q"));
    gated.server('Z', 'T');
    gated.send(gate_messages("PBES"));
    gated.server('Z', 'E');
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.passed_types(), "QPBESQ");
    gated.server('C');
    gated.server('Z', 'I');
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.passed_types(), "QPBESQ");
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, HoldsTheNextRequestUntilItIsKnownWhetherATransactionIsOpen) {
    for (const char status : {'I', 'T', 'E'}) {
        Gated gated;
        gated.send(gate_messages("Q"));
        gated.gate.close();
        const std::string next = gate_messages("Q");
        gated.send(next);
        EXPECT_EQ(gated.waiting, next);
        EXPECT_EQ(gated.passed_types(), "Q");
        gated.server('C');
        EXPECT_EQ(gated.waiting, next);
        gated.server('Z', status);
        EXPECT_EQ(gated.waiting, "");
        EXPECT_EQ(gated.passed_types(), status == 'I' ? "Q" : "QQ");
        EXPECT_EQ(gated.answers, status == 'I' ? "!Z" : "");
    }
}

TEST(RequestGate, HoldsUntilTheWholePipelineHasBeenAnswered) {
    Gated gated;
    gated.send(gate_messages("PBESPBESQ"));
    gated.gate.close();
    gated.send(gate_messages("PBES"));
    gated.server('Z', 'T');
    gated.server('Z', 'I');
    EXPECT_EQ(gated.answers, "");
    gated.server('Z', 'I');
    EXPECT_EQ(gated.answers, "!Z");
    EXPECT_EQ(gated.passed_types(), "PBESPBESQ");
}

TEST(RequestGate, LetsABatchThatHasBegunGoOnThroughItsSync) {
    Gated gated;
    gated.send(gate_messages("PB"));
    gated.gate.close();
    gated.send(gate_messages("EHBESPBES"));
    EXPECT_EQ(gated.passed_types(), "PBEHBES");
    EXPECT_EQ(gated.waiting, gate_messages("PBES"));
    gated.server('Z');
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, LetsAMessageThatHasBegunGoOnToItsEnd) {
    const std::string query = gate_message('Q', std::string(1000, 'x'));
    for (const std::size_t sent : {1U, 4U, 5U, 6U, 1004U}) {
        Gated gated;
        gated.send(std::string_view{query}.substr(0, sent));
        gated.gate.close();
        gated.send(std::string_view{query}.substr(sent));
        EXPECT_EQ(gated.passed, query) << sent;
        gated.server('Z');
        gated.send(query);
        EXPECT_EQ(gated.passed, query) << sent;
        EXPECT_EQ(gated.answers, "!Z") << sent;
    }
}

TEST(RequestGate, LetsACopyGoOn) {
    Gated gated;
    gated.send(gate_messages("Q"));
    gated.gate.close();
    gated.send(gate_messages("d"));
    gated.server('G');
    gated.send(gate_messages("ddHSdc"));
    EXPECT_EQ(gated.passed_types(), "QdddHSdc");
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.answers, "");
    gated.server('C');
    gated.server('Z');
    EXPECT_EQ(gated.answers, "!Z") << "the Sync in the data is not answered";
}

TEST(RequestGate, LetsACopyBegunByTheExtendedProtocolGoOn) {
    Gated gated;
    gated.send(gate_messages("PBES"));  // as libpq does: PostgreSQL swallows this Sync
    gated.server('G');
    gated.gate.close();
    gated.send(gate_messages("ddcS"));
    EXPECT_EQ(gated.passed_types(), "PBESddcS");
    gated.server('C');
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.answers, "");
    gated.server('Z');
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, LetsAClientGiveUpACopy) {
    Gated gated = closed_gate('T');
    gated.send(gate_messages("Q"));
    gated.server('G');
    gated.send(gate_messages("df"));
    gated.server('E');
    gated.server('Z', 'E');
    EXPECT_TRUE(gated.gate.idle());
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.passed_types(), "QdfQ");
}

TEST(RequestGate, IsNotMisledByACopyWhoseDataWasSentAhead) {
    Gated gated;
    gated.send(gate_messages("QddcQ"));
    gated.gate.close();
    gated.server('G');
    gated.server('C');
    gated.server('Z');
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.answers, "") << "the second Query has not been answered";
    gated.server('Z');
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, LetsReplicationGoOn) {
    Gated gated;
    gated.send(gate_messages("Q"));  // START_REPLICATION
    gated.server('W');
    gated.gate.close();
    gated.send(gate_messages("ddd"));
    EXPECT_EQ(gated.passed_types(), "Qddd");
    gated.send(gate_messages("c"));
    gated.server('C');
    gated.server('Z');
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.passed_types(), "Qdddc");
    EXPECT_EQ(gated.answers, "!Z");
}

TEST(RequestGate, LetsWhatWasHeldPassOnceItIsOpened) {
    Gated gated;
    gated.send(gate_messages("Q"));
    gated.gate.close();
    gated.send(gate_messages("QPBES"));
    gated.gate.open();
    gated.go_on();
    EXPECT_EQ(gated.passed_types(), "QQPBES");
    EXPECT_EQ(gated.answers, "");
}

TEST(RequestGate, FinishesARefusalThoughItIsOpenedMeanwhile) {
    Gated gated = closed_gate();
    const std::string batch = gate_messages("PBES");
    gated.send(std::string_view{batch}.substr(0, 3));
    gated.gate.open();
    EXPECT_FALSE(gated.gate.passes_all());
    gated.send(std::string_view{batch}.substr(3));
    EXPECT_EQ(gated.passed, "");
    EXPECT_EQ(gated.answers, "!Z");
    EXPECT_TRUE(gated.gate.passes_all());
    gated.send(gate_messages("Q"));
    EXPECT_EQ(gated.passed_types(), "Q");
}

TEST(RequestGate, NoticesALengthThatNoMessageCanHave) {
    for (const std::string_view types : {"", "H", "Q"}) {
        Gated gated = closed_gate();
        gated.send(gate_messages(types) + std::string("Q\0\0\0\3", 5));
        EXPECT_TRUE(gated.gate.broken());
        EXPECT_EQ(gated.passed_types(), types == "H" ? "H" : "");
    }
}

TEST(RequestGate, IsIdleWhenEverythingHasBeenAnswered) {
    Gated gated;
    EXPECT_TRUE(gated.gate.idle());
    gated.send("Q");
    EXPECT_FALSE(gated.gate.idle());
    gated.send(gate_message('Q').substr(1));
    EXPECT_FALSE(gated.gate.idle());
    gated.server('Z');
    EXPECT_TRUE(gated.gate.idle());
    gated.send(gate_messages("P"));
    EXPECT_FALSE(gated.gate.idle());
    gated.send(gate_messages("S"));
    EXPECT_FALSE(gated.gate.idle());
    gated.server('Z');
    EXPECT_TRUE(gated.gate.idle());
}

// A client that sends requests without waiting for answers, in pieces that have nothing to do with messages,
// a PostgreSQL that answers at a pace of its own, and a gate that is closed and opened at any time.
class GatedConversation {
public:
    explicit GatedConversation(unsigned seed) : random_{seed} {}

    void run() {
        for (int i = 0; i < 400; ++i)
            step();
        gated_.gate.open();
        send(unsent_.size());
        while (answer_next()) {
        }
        EXPECT_EQ(gated_.waiting, "");
        EXPECT_EQ(answered(), requests_) << "each request is answered, by one of the two, once";
        EXPECT_TRUE(gated_.gate.idle());
    }

private:
    unsigned any(unsigned below) { return static_cast<unsigned>(random_() % below); }

    void step() {
        switch (any(8)) {
            case 0:
                gated_.gate.close();
                return;
            case 1:
                gated_.gate.open();
                return send(0);
            case 2:
            case 3:
            case 4:
                answer_next();
                return;
            default:
                ask();
                return send(any(static_cast<unsigned>(unsent_.size()) + 1));
        }
    }

    // A Query or a batch, which carry their number.
    void ask() {
        const std::string number = std::to_string(requests_++);
        if (any(2) == 0) {
            unsent_ += gate_message('Q', number);
            return;
        }
        for (unsigned i = any(4); i > 0; --i)
            unsent_ += gate_message("PBDE"[any(4)], "body");
        unsent_ += gate_message('S');
    }

    void send(std::size_t bytes) {
        follow([&] { gated_.send(unsent_.substr(0, bytes)); });
        unsent_.erase(0, bytes);
    }

    // Looks at what passes meanwhile.
    template <class Action>
    void follow(Action&& action) {
        const bool nothing_open = inbox_.empty() && !in_batch_ && status_ == 'I' && at_boundary_;
        const std::size_t before = gated_.passed.size();
        action();
        const bool passed = gated_.passed.size() > before;
        if (passed && nothing_open && closed()) {
            EXPECT_THAT(gated_.passed[before], testing::AnyOf('S', 'H')) << "it began something";
        }
        deliver();
    }
    bool closed() const {
        RequestGate copy = gated_.gate;
        copy.open();
        return !gated_.gate.passes_all() && copy.passes_all();
    }

    // The types of what has come to PostgreSQL whole.
    void deliver() {
        for (;;) {
            const std::string_view rest = std::string_view{gated_.passed}.substr(delivered_);
            at_boundary_ = rest.empty();
            Header header;
            if (rest.size() < header_size || !read_header(rest.data(), header)) return;
            const std::size_t size = header_size + header.body_length;
            if (rest.size() < size) return;
            inbox_ += header.type;
            numbers_ +=
                header.type == 'Q' ? "," + std::string{rest.substr(header_size, header.body_length)} : "";
            delivered_ += size;
        }
    }

    // False if there is nothing to answer.
    bool answer_next() {
        if (inbox_.empty()) return false;
        const char type = inbox_[0];
        inbox_.erase(0, 1);
        in_batch_ = type != 'Q' && type != 'S';
        if (type == 'Q' || type == 'E') status_ = "ITE"[any(3)];
        if (type == 'Q') {
            const std::string expected = "," + std::to_string(answered());
            EXPECT_EQ(numbers_.substr(0, expected.size()), expected) << "an answer came before its turn";
            numbers_.erase(0, expected.size());
        }
        if (in_batch_) return true;
        ++answered_by_server_;
        follow([&] { gated_.server('Z', status_); });
        return true;
    }

    std::size_t answered() const {
        const auto refused = std::count(gated_.answers.begin(), gated_.answers.end(), 'Z');
        return answered_by_server_ + static_cast<std::size_t>(refused);
    }

    std::mt19937 random_;
    Gated gated_;
    std::string unsent_;
    std::size_t requests_ = 0;
    std::size_t answered_by_server_ = 0;
    // PostgreSQL's
    std::string inbox_;
    std::string numbers_;
    std::size_t delivered_ = 0;
    bool at_boundary_ = true;
    bool in_batch_ = false;
    char status_ = 'I';
};

TEST(RequestGate, AnswersEachRequestOfAnyConversationOnceAndInItsTurn) {
    for (unsigned seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE(seed);
        GatedConversation{seed}.run();
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace curfew::postgres
