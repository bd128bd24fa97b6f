// curfewd may be killed at any instant: what the store has answered is there at the next start.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdint>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>

#include "deliveries_fixture.hpp"
#include "disk.hpp"
#include "sqlite_fixture.hpp"
#include "store_fixture.hpp"
#include "support/file_descriptor.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using store::SqliteStore;

// A child process that opens a store, changes it without a pause and writes a line for every answer.
class Acknowledging {
public:
    explicit Acknowledging(const fs::path& path, std::size_t die_at = 0) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
        lines_ = FileDescriptor{ends[0]};
        FileDescriptor out{ends[1]};
        pid_ = ::fork();
        if (pid_ < 0) throw std::runtime_error("fork");
        if (pid_ == 0) run_child(path, out.get(), die_at);
    }
    ~Acknowledging() { kill(); }
    Acknowledging(const Acknowledging&) = delete;
    Acknowledging& operator=(const Acknowledging&) = delete;

    // Reads until there are `count` lines in all; false if the child ended before.
    bool read(std::size_t count) {
        std::array<char, 4096> buffer{};
        while (acknowledged() < count) {
            const ssize_t got = ::read(lines_.get(), buffer.data(), buffer.size());
            if (got <= 0) return false;
            text_.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return true;
    }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
        (void)read(SIZE_MAX);
    }
    std::size_t acknowledged() const {
        return static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n'));
    }
    const std::string& text() const { return text_; }

private:
    static void acknowledge(int out, char what, const std::string& id) {
        const std::string line = std::string{what} + ' ' + id + '\n';
        if (::write(out, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
    }

    static asio::awaitable<void> change(SqliteStore& store, int out) {
        for (bool keep = true;; keep = !keep) {
            const store::NewGrant wanted = new_grant("alice", 24h);
            const GrantId grant = (co_await store.add_grant(wanted)).value().grant.id;
            acknowledge(out, 'g', grant.text());
            const store::SessionRecord session = new_session(grant);
            (co_await store.session_started(session)).value();
            acknowledge(out, 's', session.id.text());
            if (keep) continue;
            const std::string by = "bob";
            (co_await store.revoke_grant(grant, by, by)).value();
            acknowledge(out, 'r', grant.text());
            const store::SessionEnd end{session.id, EndCause::grant_revoked, Confirmation::activity, by};
            (co_await store.session_ended(end)).value();
            acknowledge(out, 'e', session.id.text());
        }
    }

    // Takes in the events of the changes, one notification each, and delivers them.
    static asio::awaitable<void> notify(SqliteStore& store, int out) {
        const std::string notifier = "slack", node = "node-a";
        for (;;) {
            const store::ChainHead from = (co_await store.place_of_notifier(notifier)).value();
            const store::EventsRead read = (co_await store.events_after(from, 3)).value();
            store::DeliveryChanges changes;
            for (const store::Event& event : read.events)
                changes.added.push_back(new_delivery(event.number, event.kind, "#dba", event.id));
            (co_await store.take_in_events(notifier, from, read.last, changes)).value();
            for (const store::Event& event : read.events)
                acknowledge(out, 'n', std::to_string(event.number));
            const auto claimed = (co_await store.claim_deliveries(notifier, node, 30s, 3)).value();
            for (const store::ClaimedDelivery& one : claimed) {
                const store::DeliveryOutcome outcome = store::Delivered{"ts=1"};
                (co_await store.finish_delivery(one.claim, outcome)).value();
                acknowledge(out, 'd', one.delivery.id.text());
            }
        }
    }

    [[noreturn]] static void run_child(const fs::path& path, int out, std::size_t die_at) {
        const SystemClock clock;
        if (die_at > 0) disk::die_at(die_at);
        const auto store = SqliteStore::open(path, clock);
        if (!store) ::_exit(2);
        asio::io_context context{1};
        for (int i = 0; i < 4; ++i)
            asio::co_spawn(context, change(**store, out), asio::detached);
        asio::co_spawn(context, notify(**store, out), asio::detached);
        context.run();
        ::_exit(4);
    }

    FileDescriptor lines_;
    pid_t pid_ = -1;
    std::string text_;
};

class Killed : public testing::Test {
protected:
    fs::path path() const { return directory / "curfew.db"; }

    // Everything that `child` has acknowledged is there.
    void expect_all_kept(const Acknowledging& child) {
        const auto opened = SqliteStore::open(path(), clock);
        ASSERT_TRUE(opened) << opened.error().message;
        std::set<std::string> grants, revoked, sessions, unfinished;
        for (const auto& grant : await((*opened)->grants(true)).value()) {
            grants.insert(grant.grant.id.text());
            if (grant.grant.revoked) revoked.insert(grant.grant.id.text());
        }
        for (const auto& session : all_sessions(**opened))
            sessions.insert(session.id.text());
        for (const auto& session : await((*opened)->unfinished_sessions("node-a")).value())
            unfinished.insert(session.id.text());
        std::set<store::EventNumber> notified;
        std::set<std::string> delivered;
        for (const auto& one : all_deliveries(**opened)) {
            EXPECT_TRUE(notified.insert(one.event).second) << "twice: " << one.event;
            if (one.state == store::DeliveryState::delivered) delivered.insert(one.id.text());
        }
        if (!notified.empty()) {
            const auto place = await((*opened)->place_of_notifier("slack")).value();
            EXPECT_EQ(*notified.rbegin(), place.number);
            EXPECT_EQ(notified.size(), place.number - *notified.begin() + 1) << "each event, none left out";
        }
        std::istringstream lines{child.text()};
        std::string what, id;
        while (lines >> what >> id) {
            const bool kept = what == "g"   ? grants.contains(id)
                              : what == "r" ? revoked.contains(id)
                              : what == "s" ? sessions.contains(id)
                              : what == "n" ? notified.contains(std::stoull(id))
                              : what == "d" ? delivered.contains(id)
                                            : sessions.contains(id) && !unfinished.contains(id);
            EXPECT_TRUE(kept) << "lost: " << what << ' ' << id;
        }
    }
    static std::vector<store::Delivery> all_deliveries(store::Store& store) {
        std::vector<store::Delivery> all;
        store::Page wanted{store::largest_delivery_page, {}};
        for (std::optional<std::string> next{""}; next;) {
            wanted.cursor = *next;
            auto page = await(store.list_deliveries({}, wanted)).value();
            all.insert(all.end(), page.deliveries.begin(), page.deliveries.end());
            next = page.next;
        }
        return all;
    }
    void expect_sound() {
        SQLite::Database database{path().string(), SQLite::OPEN_READONLY};
        EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
    }

    TemporaryDirectory directory{"curfew-killed"};
    SystemClock clock;
};

TEST_F(Killed, LosesNothingThatWasAnswered) {
    std::minstd_rand random{4711};
    for (int round = 0; round < 20; ++round) {
        Acknowledging child{path()};
        ASSERT_TRUE(child.read(1 + random() % 150));
        child.kill();
        expect_all_kept(child);
    }
    expect_sound();
}

// From the very first write that makes the file: at each write and each flush, the first of them by half
// done.
TEST_F(Killed, LosesNothingAtAnyWriteOrFlush) {
    std::size_t most_acknowledged = 0;
    for (std::size_t call = 1; most_acknowledged < 24; ++call) {
        ASSERT_LT(call, 1000U);
        for (const char* suffix : {"", "-wal", "-shm", "-journal"})
            fs::remove(path().string() + suffix);
        Acknowledging child{path(), call};
        EXPECT_FALSE(child.read(SIZE_MAX)) << "it ended by itself";
        child.kill();
        expect_all_kept(child);
        expect_sound();
        most_acknowledged = std::max(most_acknowledged, child.acknowledged());
    }
}

}  // namespace
}  // namespace curfew::test
