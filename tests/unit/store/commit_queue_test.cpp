// The queue before the database: what an operation wrote stays or goes with its outcome, whoever it shares a
// commit with.
#include "store/sql/commit_queue.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "disk.hpp"
#include "store/sql/installation.hpp"
#include "store/sqlite/file.hpp"
#include "store/sqlite/schema.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::Access;
using store::CommitQueue;
using store::Connection;
using store::Query;
using store::StoreTime;
using testing::HasSubstr;

// Does `work`, and remembers what became of it.
class ProbeOperation final : public store::Operation {
public:
    using Work = std::function<bool(Connection&)>;

    explicit ProbeOperation(Work work, Access access = Access::write)
        : Operation{"probe", access}, work_{std::move(work)} {}

    std::future<std::optional<Error>> outcome() { return outcome_.get_future(); }

    bool perform(Connection& connection, const StoreTime&) override {
        error_.reset();
        return work_(connection);
    }
    void fail(const Error& error) override { error_ = error; }
    void answer() override { outcome_.set_value(error_); }

private:
    Work work_;
    std::optional<Error> error_;
    std::promise<std::optional<Error>> outcome_;
};

class CommitQueues : public testing::Test {
protected:
    CommitQueues() {
        auto connection = connect();
        store::bring_schema_up_to_date(*connection).value();
        store::open_installation(*connection);
        connection->execute("CREATE TABLE marks (mark INTEGER UNIQUE) STRICT");
        connection->keep_time_by(store::StoreClock{clock});
        queue.emplace(std::move(connection), nullptr);
    }

    std::unique_ptr<store::SqliteConnection> connect() {
        const auto path = directory / "curfew.db";
        store::prepare_store_file(path).value();
        return std::make_unique<store::SqliteConnection>(path, store::StoreLock::take(path).value(), 20ms);
    }
    std::future<std::optional<Error>> add(ProbeOperation::Work work) {
        auto operation = std::make_unique<ProbeOperation>(std::move(work));
        auto outcome = operation->outcome();
        queue->add(std::move(operation));
        return outcome;
    }
    static void mark(Connection& connection, int number) {
        Query{connection, "INSERT INTO marks VALUES (?)", number}.run();
    }
    // Adds all of these while the disk is busy with something else, so that they share a commit.
    template <class... Works>
    std::vector<std::optional<Error>> together(Works... works) {
        disk::Held held;
        auto first = add([](Connection&) { return true; });
        EXPECT_TRUE(held.wait_until_flushing());
        std::vector<std::future<std::optional<Error>>> futures;
        (futures.push_back(add(works)), ...);
        held.release();
        std::vector<std::optional<Error>> outcomes;
        for (auto& future : futures)
            outcomes.push_back(future.get());
        return outcomes;
    }
    std::vector<int> marks() {
        queue.reset();
        std::vector<int> found;
        const auto connection = connect();
        Query rows{*connection, "SELECT mark FROM marks ORDER BY mark"};
        while (rows.next())
            found.push_back(static_cast<int>(rows.integer(0)));
        return found;
    }

    TemporaryDirectory directory{"curfew-queue"};
    ManualClock clock;
    std::optional<CommitQueue> queue;
};

TEST_F(CommitQueues, KeepNothingOfAnOperationThatCameToAnError) {
    const auto outcomes = together(
        [](Connection& connection) {
            mark(connection, 1);
            return true;
        },
        [](Connection& connection) {
            mark(connection, 2);
            return false;
        },
        [](Connection& connection) {
            mark(connection, 3);
            return true;
        });
    EXPECT_THAT(marks(), testing::ElementsAre(1, 3));
}

TEST_F(CommitQueues, TellWhoeverBreaksAConstraintAndNobodyElse) {
    const auto outcomes = together(
        [](Connection& connection) {
            mark(connection, 1);
            return true;
        },
        [](Connection& connection) {
            mark(connection, 2);
            mark(connection, 1);
            return true;
        },
        [](Connection& connection) {
            mark(connection, 3);
            return true;
        });
    EXPECT_FALSE(outcomes[0]);
    ASSERT_TRUE(outcomes[1]);
    EXPECT_EQ(outcomes[1]->code, ErrorCode::internal);
    EXPECT_THAT(outcomes[1]->message, HasSubstr("UNIQUE constraint failed: marks.mark"));
    EXPECT_FALSE(outcomes[2]);
    EXPECT_THAT(marks(), testing::ElementsAre(1, 3));
}

TEST_F(CommitQueues, SurviveAnOperationThatThrows) {
    const auto outcomes = together(
        [](Connection& connection) -> bool {
            mark(connection, 1);
            throw std::runtime_error("a row that cannot be read");
        },
        [](Connection& connection) {
            mark(connection, 2);
            return true;
        });
    EXPECT_EQ(outcomes[0]->code, ErrorCode::internal);
    EXPECT_EQ(outcomes[0]->message, "a row that cannot be read");
    EXPECT_FALSE(outcomes[1]);
    EXPECT_THAT(marks(), testing::ElementsAre(2));
}

// As SQLite does by itself on a full disk, where it finds that it must.
TEST_F(CommitQueues, FailAllWhereTheTransactionIsGivenUpUnderThem) {
    const auto outcomes = together(
        [](Connection& connection) {
            mark(connection, 1);
            return true;
        },
        [](Connection& connection) -> bool {
            connection.execute("ROLLBACK");
            throw SQLite::Exception("the disk was full", 13);
        },
        [](Connection& connection) {
            mark(connection, 3);
            return true;
        });
    for (const auto& outcome : outcomes) {
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->code, ErrorCode::unavailable);
    }
    EXPECT_FALSE(add([](Connection& connection) {
                     mark(connection, 4);
                     return true;
                 }).get());
    EXPECT_THAT(marks(), testing::ElementsAre(4));
}

TEST_F(CommitQueues, CarryAFloodInTheOrderItCame) {
    std::vector<int> order;
    std::vector<std::future<std::optional<Error>>> outcomes;
    const std::size_t before = disk::flushes();
    {
        disk::Held held;
        outcomes.push_back(add([](Connection&) { return true; }));
        ASSERT_TRUE(held.wait_until_flushing());
        for (int i = 0; i < 5000; ++i) {
            outcomes.push_back(add([&order, i](Connection& connection) {
                order.push_back(i);
                mark(connection, i);
                return true;
            }));
        }
    }
    for (auto& outcome : outcomes)
        EXPECT_FALSE(outcome.get());
    EXPECT_EQ(order.size(), 5000U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_LT(disk::flushes() - before, 30U);
    EXPECT_EQ(marks().size(), 5000U);
}

}  // namespace
}  // namespace curfew::test
