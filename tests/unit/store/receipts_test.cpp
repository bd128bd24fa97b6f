// Receipts in the store: one for each session that is over, whoever comes first, and never lost.
#include <gmock/gmock.h>

#include <chrono>

#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using store::EndedSessionFile;
using store::SessionRecord;
using store::SignedReceipt;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Signs nothing; the store does not look.
SignedReceipt unsigned_receipt(const EndedSessionFile& file) {
    return {R"({"session":")" + std::string{file.session.record.id.text()} + "\"}", std::string(64, 's'),
            std::string(32, 'k')};
}

class StoredReceipts : public RequestTest {
protected:
    SessionId ended(const std::string& node = "node-a") {
        const SessionRecord session = start(node);
        end(session.id);
        return session.id;
    }
    void end(const SessionId& id) {
        await(store->session_ended({id, EndCause::grant_expired, Confirmation::activity, {}})).value();
    }
    std::vector<SessionId> due(const std::string& node = "node-a") {
        return await(store->sessions_without_receipt(node, 1min, 100)).value();
    }
    std::size_t issue(const std::vector<SessionId>& sessions, store::WriteReceipt write = unsigned_receipt) {
        return await(store->issue_receipts(sessions, std::move(write))).value();
    }
    EndedSessionFile file_of(const SessionId& session) {
        EndedSessionFile seen;
        EXPECT_EQ(issue({session},
                        [&seen](const EndedSessionFile& file) {
                            seen = file;
                            return unsigned_receipt(file);
                        }),
                  1U);
        return seen;
    }
    std::size_t events() {
        return await(store->list_events({"receipt.issued"}, {100})).value().events.size();
    }
};

TEST_F(StoredReceipts, AreDueOnceASessionIsOver) {
    const SessionRecord session = start();
    EXPECT_THAT(due(), IsEmpty());
    end(session.id);
    EXPECT_THAT(due(), ElementsAre(session.id));
    EXPECT_EQ(issue({session.id}), 1U);
    EXPECT_THAT(due(), IsEmpty());
}

TEST_F(StoredReceipts, AreDueAcrossAStartOfTheNode) {
    const SessionId session = ended();
    reopen();
    EXPECT_THAT(due(), ElementsAre(session));
}

TEST_F(StoredReceipts, OfAnotherNodesSessionsAreLeftToItForAWhile) {
    const SessionId session = ended("node-b");
    EXPECT_THAT(due("node-a"), IsEmpty());
    EXPECT_THAT(due("node-b"), ElementsAre(session));
    clock.advance(1min + 1s);
    EXPECT_THAT(due("node-a"), ElementsAre(session));
}

TEST_F(StoredReceipts, AreKeptAsTheyWereSigned) {
    const SessionId session = ended();
    issue({session});
    const store::Receipt found = await(store->find_receipt(session)).value();
    EXPECT_EQ(found.session, session);
    EXPECT_EQ(found.content.document, R"({"session":")" + std::string{session.text()} + "\"}");
    EXPECT_EQ(found.content.signature, std::string(64, 's'));
    EXPECT_EQ(found.content.public_key, std::string(32, 'k'));
}

TEST_F(StoredReceipts, AreIssuedOnceEach) {
    const SessionId session = ended();
    EXPECT_EQ(issue({session}), 1U);
    EXPECT_EQ(issue({session},
                    [](const EndedSessionFile& file) {
                        SignedReceipt other = unsigned_receipt(file);
                        other.document = R"({"other":1})";
                        return other;
                    }),
              0U);
    EXPECT_EQ(events(), 1U);
    EXPECT_THAT(await(store->find_receipt(session)).value().content.document, HasSubstr("session"));
}

TEST_F(StoredReceipts, AreNotIssuedOfWhatIsNotOver) {
    EXPECT_EQ(issue({start().id, SessionId::generate()}), 0U);
    EXPECT_EQ(events(), 0U);
}

TEST_F(StoredReceipts, StandInTheAuditTrailByTheHashOfTheirDocument) {
    const SessionId session = ended();
    issue({session});
    const auto listed = await(store->list_events({"receipt.issued"}, {10})).value().events;
    ASSERT_THAT(listed, SizeIs(1));
    EXPECT_EQ(listed.front().event.id, session.text());
    EXPECT_EQ(listed.front().event.actor, "");
    const std::string document = await(store->find_receipt(session)).value().content.document;
    EXPECT_THAT(listed.front().event.summary, HasSubstr(R"("sha256":")" + to_hex(sha256(document)) + "\""));
}

TEST_F(StoredReceipts, AreWrittenFromAllThatIsOnRecord) {
    const SessionId session = ended();
    const SessionRecord record = look_up(session);
    const store::ChainHead head = await(store->head_of_events()).value();
    const EndedSessionFile file = file_of(session);
    EXPECT_EQ(file.session.record.id, session);
    EXPECT_EQ(file.session.record.cause, EndCause::grant_expired);
    EXPECT_EQ(file.grant.id, record.grant);
    EXPECT_EQ(file.session.deadline, file.grant.window.ends_at);
    EXPECT_THAT(file.requests, IsEmpty()) << "it was given by hand";
    EXPECT_EQ(file.head, head);
}

TEST_F(StoredReceipts, AreWrittenFromTheExtensionsOfTheGrant) {
    const SessionRecord session = start();
    await(store->extend_grant(session.grant, 30min, "carol")).value();
    end(session.id);
    const EndedSessionFile file = file_of(session.id);
    ASSERT_THAT(file.extensions, SizeIs(1));
    EXPECT_EQ(file.extensions.front().by, "carol");
}

TEST_F(StoredReceipts, AreWrittenFromTheRequestsBehindTheGrantTheFirstOneFirst) {
    const auto first = approved();
    const GrantId grant = first.grant.value().grant.id;
    const auto more = ask_for_extension(grant, 30min);
    change(more.request.id, approval_by("carol")).value();
    const SessionRecord session = new_session(grant);
    await(store->session_started(session)).value();
    end(session.id);
    const EndedSessionFile file = file_of(session.id);
    ASSERT_THAT(file.requests, SizeIs(2));
    EXPECT_EQ(file.requests[0].id, first.request.id);
    EXPECT_EQ(file.requests[1].id, more.request.id);
    ASSERT_THAT(file.requests[1].reviews, SizeIs(1));
    EXPECT_EQ(file.requests[1].reviews.front().reviewer, "carol");
    EXPECT_EQ(file.extensions.at(0).request, more.request.id);
}

TEST_F(StoredReceipts, SayOfWhatHasNoneWhy) {
    const auto unknown = await(store->find_receipt(SessionId::generate()));
    EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
    EXPECT_THAT(unknown.error().message, HasSubstr("There is no session"));
    const SessionRecord session = start();
    EXPECT_THAT(await(store->find_receipt(session.id)).error().message, HasSubstr("it is not over"));
    end(session.id);
    EXPECT_THAT(await(store->find_receipt(session.id)).error().message, HasSubstr("has no receipt"));
}

// The key could not be used, say: nothing of it is kept, and it is due as before.
TEST_F(StoredReceipts, LeaveNoTraceWhereTheyCannotBeSigned) {
    const SessionId session = ended();
    const auto issued = await(store->issue_receipts({session}, [](const EndedSessionFile&) -> SignedReceipt {
        throw std::runtime_error("no signature");
    }));
    EXPECT_FALSE(issued);
    EXPECT_THAT(due(), ElementsAre(session));
    EXPECT_EQ(events(), 0U);
}

}  // namespace
}  // namespace curfew::test
