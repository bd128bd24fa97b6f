#include "store/postgres/postgres_store.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/schema.hpp"
#include "store/sql/ask.hpp"
#include "store/sql/installation.hpp"

namespace curfew::store {
namespace {

constexpr Duration write_at_least_every = std::chrono::seconds{10};

std::string setting(PostgresConnection& connection, const std::string& name) {
    const pq::Answer answer = connection.ask_once("SELECT current_setting('" + name + "')");
    return std::string{answer.value(0, 0)};
}

// What an acknowledged revocation survives is PostgreSQL's to say; where that is less than people may think,
// they are told.
void warn_of_durability(PostgresConnection& connection) {
    const auto warn = [&connection](std::string_view why) {
        log::warning("store.may_lose_writes", {{"store", connection.name()}, {"why", why}});
    };
    if (setting(connection, "fsync") != "on")
        warn("fsync is off: a crash of the store's host loses what was acknowledged, revocations included");
    const std::string commit = setting(connection, "synchronous_commit");
    if (commit == "off")
        warn(
            "synchronous_commit is off: a crash of PostgreSQL loses what was acknowledged, revocations "
            "included");
    if (setting(connection, "synchronous_standby_names").empty() || commit == "off" || commit == "local") {
        warn(
            "no standby confirms what is committed (synchronous_standby_names): a failover may lose the "
            "newest "
            "revocations");
    }
}

Result<void> prepare(PostgresConnection& connection) {
    if (auto current = bring_schema_up_to_date(connection); !current) return current;
    connection.begin_alone();
    (void)open_installation(connection);
    connection.commit(std::nullopt);
    warn_of_durability(connection);
    return {};
}

}  // namespace

Result<std::shared_ptr<PostgresStore>> PostgresStore::open(const PostgresTarget& target, const Clock& clock,
                                                           PostgresOptions options) {
    const auto time = std::make_shared<PostgresClock>();
    auto connection = std::make_unique<PostgresConnection>(target, clock, time);
    try {
        if (auto prepared = prepare(*connection); !prepared) return prepared.error();
    } catch (const std::exception& failure) {
        return connection->explain_at_start(failure);
    }
    auto writer = std::make_unique<CommitQueue>(std::move(connection), options.observer);
    std::vector<std::unique_ptr<CommitQueue>> readers;
    for (std::size_t i = 0; i < options.readers; ++i) {
        readers.push_back(std::make_unique<CommitQueue>(
            std::make_unique<PostgresConnection>(target, clock, time), options.observer));
    }
    return std::shared_ptr<PostgresStore>{
        new PostgresStore{clock, std::move(writer), std::move(readers), target, options.pace}};
}

PostgresStore::PostgresStore(const Clock& clock, std::unique_ptr<CommitQueue> writer,
                             std::vector<std::unique_ptr<CommitQueue>> readers, const PostgresTarget& target,
                             PostgresFeed::Pace pace)
    : SqlStore{std::move(writer), std::move(readers)},
      written_at_{(clock.boot_now() - write_at_least_every).time_since_epoch().count()},
      clock_{clock},
      feed_{target, watchers_, pace} {}

PostgresStore::~PostgresStore() = default;

Awaitable<Result<NodeStanding>> PostgresStore::node_lives(NodeReport report,
                                                          std::optional<std::string> dead_instance) {
    const BootInstant now = clock_.boot_now();
    auto saying = SqlStore::node_lives(std::move(report), std::move(dead_instance));
    Result<NodeStanding> said = co_await std::move(saying);
    if (said) written_at_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    co_return said;
}

Awaitable<Result<void>> PostgresStore::check_health() {
    const BootInstant now = clock_.boot_now();
    const BootInstant written_at{BootInstant::duration{written_at_.load(std::memory_order_relaxed)}};
    if (now - written_at >= write_at_least_every) {
        auto writing = SqlStore::check_health();
        Result<void> written = co_await std::move(writing);
        if (written) written_at_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
        co_return written;
    }
    auto look = [](Connection& connection, const StoreTime&) -> Result<void> {
        Query standby{connection, "SELECT CAST(pg_is_in_recovery() AS integer)"};
        if (standby.next() && standby.integer(0) == 0) return {};
        return Error{ErrorCode::unavailable,
                     "The store " + connection.name() +
                         " takes no writes: its server is a standby now; wait for the "
                         "failover to be complete"};
    };
    auto looking = ask_to_read(reader(), "check_health", std::move(look));
    co_return co_await std::move(looking);
}

}  // namespace curfew::store
