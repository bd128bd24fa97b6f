#include "postgres_backend.hpp"

#include <atomic>
#include <chrono>

#include "store_backend.hpp"

namespace curfew::test {
namespace {

// A database with the tables in it, whose clock shows what it is told.
const std::string& steered_model() {
    static const std::string name = [] {
        static PostgresDatabase model;
        static const SystemClock clock;
        (void)store::PostgresStore::open(model.target(), clock).value();
        model.execute(
            "UPDATE curfew.installation SET clock_ms = 0;"
            "CREATE TABLE curfew.steered_clock (at timestamptz);"
            "INSERT INTO curfew.steered_clock VALUES (now());"
            "CREATE FUNCTION curfew.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE "
            "AS 'SELECT at FROM curfew.steered_clock'");
        model.leave();
        store_cluster().await("NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '" + model.name() +
                              "')");
        return model.name();
    }();
    return name;
}

class PostgresBackend final : public StoreBackend {
public:
    explicit PostgresBackend(SteeredClock& clock) : clock_{clock}, database_{steered_model()} {
        clock_.on_change = [this] { set_clock(); };
        set_clock();
    }
    ~PostgresBackend() override { clock_.on_change = nullptr; }

    std::shared_ptr<store::Store> open() override {
        return store::PostgresStore::open(database_.target(), clock_).value();
    }

private:
    void set_clock() {
        const auto milliseconds = clock_.wall_now().time_since_epoch().count();
        database_.execute("UPDATE curfew.steered_clock SET at = to_timestamp(" +
                          std::to_string(milliseconds) + " / 1000.0)");
    }

    SteeredClock& clock_;
    PostgresDatabase database_;
};

}  // namespace

PostgresCluster& store_cluster() {
    static PostgresCluster cluster;
    return cluster;
}

PostgresDatabase::PostgresDatabase(const std::string& model) {
    static std::atomic<int> count{0};
    name_ = "store_" + std::to_string(++count);
    store_cluster().sql("CREATE DATABASE " + name_ + " TEMPLATE " + model);
}

PostgresDatabase::~PostgresDatabase() {
    leave();
    store_cluster().sql("DROP DATABASE " + name_ + " WITH (FORCE)");
}

store::PostgresTarget PostgresDatabase::target() const {
    return store::read_postgres_target(store_cluster().tcp_conninfo("postgres", name_), std::nullopt,
                                       "curfewd")
        .value();
}

void PostgresDatabase::execute(const std::string& sql) const {
    connection().exec(sql);
}

std::string PostgresDatabase::value(const std::string& sql) const {
    return connection().value(sql);
}

PgConnection& PostgresDatabase::connection() const {
    if (!connection_)
        connection_ = std::make_unique<PgConnection>(store_cluster().conninfo("postgres", name_));
    return *connection_;
}

std::unique_ptr<StoreBackend> make_store_backend(SteeredClock& clock) {
    return std::make_unique<PostgresBackend>(clock);
}

}  // namespace curfew::test
