// Lists of requests: what a filter lets through, page by page, and what a page costs.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <ctime>

#include "request_fixture.hpp"
#include "store/sql/request_list.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::Request;
using policy::RequestStatus;
using store::Page;
using store::RequestFilter;
using store::RequestPage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class RequestLists : public RequestTest {
protected:
    RequestPage page(const RequestFilter& filter, std::size_t limit = 50, const std::string& cursor = {}) {
        return await(store->list_requests(filter, Page{limit, cursor})).value();
    }
    // Everything that the filter lets through, by pages of `limit`.
    std::vector<RequestId> list(const RequestFilter& filter, std::size_t limit = 50) {
        std::vector<RequestId> found;
        std::string cursor;
        for (int pages = 0; pages < 10'000; ++pages) {
            const RequestPage some = page(filter, limit, cursor);
            for (const auto& record : some.requests)
                found.push_back(record.request.id);
            if (!some.next) return found;
            cursor = *some.next;
        }
        throw std::runtime_error("the list has no end");
    }
    RequestId asked(const std::string& requester, const std::string& resource) {
        return ask(new_request(requester, resource)).request.id;
    }

    // 1,000 PENDING requests and 100,000 past ones, of 50 people on 20 resources, each with a review.
    void fill() {
        close();
        SQLite::Database database{store_backend->file().value().string(), SQLite::OPEN_READWRITE};
        database.exec(R"sql(
            BEGIN;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101000)
            INSERT INTO requests (id, kind, type, requester, resource, duration_ms, reason, allow_replication,
                asked_at_ms, review_ends_at_ms, status, decision, decided_by, decided_at_ms, decision_comment,
                approval, approved_at_ms, granted_ms, rules, review_due, due_at_ms)
            SELECT printf('r-%08d', i), 'access', 'jit', printf('user-%d', i * 7 % 50),
                printf('resource-%d', i * 3 % 20), 3600000, hex(randomblob(40)), 0, i, i + 1,
                CASE WHEN i % 101 = 0 THEN 'PENDING' WHEN i % 3 = 0 THEN 'REJECTED' ELSE 'EXECUTED' END,
                CASE WHEN i % 101 = 0 THEN 'none' ELSE 'reviewed' END, 'bob', i, '',
                CASE WHEN i % 101 = 0 OR i % 3 = 0 THEN 'none' ELSE 'reviewed' END,
                CASE WHEN i % 101 = 0 OR i % 3 = 0 THEN NULL ELSE i END,
                CASE WHEN i % 101 = 0 OR i % 3 = 0 THEN NULL ELSE 3600000 END, '["production"]', 0,
                CASE WHEN i % 101 = 0 THEN 9000000000000 END
            FROM n;
            INSERT INTO reviews (request_id, reviewer, group_name, verdict, comment, at_ms)
            SELECT id, 'bob', 'dba', 'approve', 'fine', 1 FROM requests;
            COMMIT;
        )sql");
        reopen();
    }
};

TEST_F(RequestLists, HaveTheNewestFirst) {
    const RequestId first = asked("alice", "a");
    const RequestId second = asked("bob", "b");
    const RequestId third = asked("alice", "b");
    EXPECT_THAT(list({}), ElementsAre(third, second, first));
}

TEST_F(RequestLists, AreNarrowedByEverythingThatTheFilterNames) {
    const RequestId alice_a = asked("alice", "a");
    const RequestId alice_b = asked("alice", "b");
    const RequestId bob_a = asked("bob", "a");
    const RequestId bob_c = asked("bob", "c");
    ASSERT_TRUE(change(alice_a, rejection_by("carol")));
    ASSERT_TRUE(change(bob_a, approval_by("carol")));

    RequestFilter filter;
    filter.requester = "alice";
    EXPECT_THAT(list(filter), ElementsAre(alice_b, alice_a));
    filter.statuses = {RequestStatus::rejected};
    EXPECT_THAT(list(filter), ElementsAre(alice_a));

    filter = {};
    filter.resources = {"a", "c"};
    EXPECT_THAT(list(filter), ElementsAre(bob_c, bob_a, alice_a));
    filter.statuses = {RequestStatus::pending, RequestStatus::approved};
    EXPECT_THAT(list(filter), ElementsAre(bob_c, bob_a));
    filter.requester = "alice";
    EXPECT_THAT(list(filter), IsEmpty());

    filter = {};
    filter.statuses = {RequestStatus::pending};
    EXPECT_THAT(list(filter), ElementsAre(bob_c, alice_b));
    filter.matches = [](const Request& request) { return request.resource == "b"; };
    EXPECT_THAT(list(filter), ElementsAre(alice_b));
}

TEST_F(RequestLists, ShowNobodyMoreThanTheirScope) {
    const RequestId mine = asked("alice", "a");
    const RequestId reviewed = asked("bob", "b");
    const RequestId both = asked("alice", "b");
    const RequestId neither = asked("bob", "c");
    RequestFilter filter;
    filter.scope = RequestFilter::Scope{"alice", {"b"}};
    EXPECT_THAT(list(filter), ElementsAre(both, reviewed, mine)) << "each once";
    for (RequestFilter narrowed : {filter, filter, filter}) {
        narrowed.requester = "bob";
        EXPECT_THAT(list(narrowed), ElementsAre(reviewed));
        narrowed.requester.reset();
        narrowed.resources = {"b", "c"};
        EXPECT_THAT(list(narrowed), Not(testing::Contains(neither)));
    }
    filter.scope = RequestFilter::Scope{"dave", {}};
    EXPECT_THAT(list(filter), IsEmpty());
}

TEST_F(RequestLists, HaveWhatAwaitsAReviewBeforeOrAfterwards) {
    const RequestId pending = asked("alice", "a");
    const RequestId broken_glass = asked("bob", "b");
    auto break_glass = [](const Request& request, const std::optional<store::GrantCountdown>& grant,
                          WallInstant now) {
        auto change = approval_by("bob")(request, grant, now);
        change->next.review_due = true;
        return change;
    };
    ASSERT_TRUE(change(broken_glass, break_glass));
    approved(new_request("carol", "a"));
    RequestFilter filter;
    filter.awaiting_review = true;
    EXPECT_THAT(list(filter), ElementsAre(broken_glass, pending));
    filter.resources = {"a"};
    EXPECT_THAT(list(filter), ElementsAre(pending));
    filter.resources.clear();
    filter.pending_on.emplace();
    EXPECT_THAT(list(filter), ElementsAre(broken_glass));
    filter.pending_on->insert("a");
    EXPECT_THAT(list(filter), ElementsAre(broken_glass, pending));
    filter.requester = "alice";
    EXPECT_THAT(list(filter), ElementsAre(pending));
}

TEST_F(RequestLists, ComeInPagesThatMissNothingWhateverIsAskedMeanwhile) {
    std::vector<RequestId> all;
    for (int i = 0; i < 7; ++i)
        all.insert(all.begin(), asked(i % 2 == 0 ? "alice" : "bob", "a"));
    const RequestPage first = page({}, 3);
    ASSERT_THAT(first.requests, SizeIs(3));
    ASSERT_TRUE(first.next);
    asked("carol", "a");
    const RequestPage second = page({}, 3, *first.next);
    EXPECT_EQ(second.requests.front().request.id, all[3]);
    const RequestPage third = page({}, 3, *second.next);
    EXPECT_THAT(third.requests, SizeIs(1));
    EXPECT_FALSE(third.next);
}

TEST_F(RequestLists, AreTheSameByPagesOfAnyLength) {
    for (int i = 0; i < 60; ++i)
        asked(i % 3 == 0 ? "alice" : "bob", i % 4 == 0 ? "a" : "b");
    RequestFilter filter;
    filter.scope = RequestFilter::Scope{"alice", {"a"}};
    const auto all = list(filter, 500);
    EXPECT_THAT(all, SizeIs(30));
    for (const std::size_t limit : {1U, 7U, 30U, 31U})
        EXPECT_EQ(list(filter, limit), all) << limit;
}

TEST_F(RequestLists, RefuseAPageThatIsNone) {
    for (const Page& wrong : {Page{0, {}}, Page{501, {}}, Page{50, "x"}, Page{50, "-1"}, Page{50, "1 "},
                              Page{50, "99999999999999999999"}}) {
        const auto answer = await(store->list_requests({}, wrong));
        ASSERT_FALSE(answer) << wrong.cursor;
        EXPECT_EQ(answer.error().code, ErrorCode::invalid);
    }
}

TEST_F(RequestLists, ComeWithWhatWasGiven) {
    const auto record = approved();
    ASSERT_TRUE(page({}).requests.front().grant);
    EXPECT_EQ(page({}).requests.front().grant->grant.id, record.grant->grant.id);
    EXPECT_THAT(page({}).requests.front().request.reviews, SizeIs(1));
}

TEST_F(RequestLists, AskForNothingThatSqliteMustSortOrSearchThrough) {
    if (!store_backend->file()) GTEST_SKIP() << "of a store in a file";
    SQLite::Database database{store_backend->file().value().string(), SQLite::OPEN_READONLY};
    for (const std::string_view sql : store::request_list_queries()) {
        SQLite::Statement plan{database, "EXPLAIN QUERY PLAN " + std::string{sql}};
        std::string text;
        while (plan.executeStep())
            text += plan.getColumn(3).getString() + '\n';
        EXPECT_THAT(text,
                    testing::AnyOf(HasSubstr("USING COVERING INDEX"), HasSubstr("USING INTEGER PRIMARY KEY")))
            << sql;
        EXPECT_THAT(text, HasSubstr("rowid<?)")) << sql;
        EXPECT_THAT(text, Not(HasSubstr("SCAN"))) << sql;
        EXPECT_THAT(text, Not(HasSubstr("TEMP B-TREE"))) << sql;
    }
}

TEST_F(RequestLists, CostAPageHoweverManyRequestsThereAre) {
    if (!store_backend->file()) GTEST_SKIP() << "of a store in a file";
    fill();
    std::vector<RequestFilter> filters(6);
    filters[1].statuses = {RequestStatus::pending};
    filters[2].requester = "user-7";
    filters[3].scope = RequestFilter::Scope{"user-3", {"resource-1", "resource-2", "resource-19"}};
    filters[4].awaiting_review = true;
    filters[4].resources = {"resource-4", "resource-5"};
    // The worst: it must look at what it does not show.
    filters[5].matches = [](const Request&) { return false; };
    for (std::size_t i = 0; i < filters.size(); ++i) {
        // From the top, from the middle and from the end.
        for (const char* cursor : {"", "50000", "400"}) {
            // The processor's time, whatever else the machine does.
            const std::clock_t began = std::clock();
            const RequestPage found = page(filters[i], 50, cursor);
            EXPECT_LT(std::clock() - began, CLOCKS_PER_SEC / 20 * slowdown)
                << "filter " << i << " from " << cursor;
            EXPECT_TRUE(i > 0 || found.requests.size() == 50) << cursor;
        }
    }
    EXPECT_THAT(list(filters[1], 500), SizeIs(1000));
}

}  // namespace
}  // namespace curfew::test
