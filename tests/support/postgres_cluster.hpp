// A real PostgreSQL of the test's own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/pg_connection.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

struct PostgresOptions {
    // pg_hba.conf, below lines that let the superuser `postgres` in.
    std::vector<std::string> hba = {"local all,replication all trust",
                                    "host all,replication all 127.0.0.1/32 trust"};
    int max_connections = 200;
    std::map<std::string, std::string> settings;  // postgresql.conf, over the defaults
};

// The default, but for these rules of pg_hba.conf.
PostgresOptions with_hba(std::vector<std::string> rules);
// The default, but that what was committed outlives a kill: usually tests are spared the flushes.
PostgresOptions flushing_options();

// Listens on a free TCP port of the loopback, with TLS offered, and on a Unix socket. Logs connections;
// writes nothing to disk that it need not; ready for replication, prepared transactions and commit
// timestamps. Has a superuser `postgres`, and `curfew_admin` with just the rights that an admin_login needs.
class PostgresCluster {
public:
    explicit PostgresCluster(const PostgresOptions& options = {});
    ~PostgresCluster();
    PostgresCluster(const PostgresCluster&) = delete;
    PostgresCluster& operator=(const PostgresCluster&) = delete;

    // One for the whole test program, started when first asked for; trusts everybody.
    static PostgresCluster& shared();

    // A program of the same PostgreSQL: `psql`, `pg_dump`, …
    static std::filesystem::path program(const std::string& name);

    std::uint16_t port() const noexcept { return port_; }
    // The directory of its socket, for libpq's and Curfew's `host`.
    const std::filesystem::path& socket_directory() const noexcept { return directory_.path(); }
    // Signed the server's certificate, and is trusted for clients' certificates.
    TestCa& ca() noexcept { return ca_; }

    // Over the Unix socket.
    std::string conninfo(const std::string& user = "postgres",
                         const std::string& database = "postgres") const;
    // Over TCP.
    std::string tcp_conninfo(const std::string& user = "postgres",
                             const std::string& database = "postgres") const;

    // Runs SQL as the superuser, outside any proxy. The first column of the first row; "" if there is none.
    std::string sql(const std::string& text, const std::string& database = "postgres");
    long number(const std::string& query, const std::string& database = "postgres");
    // Client backends in pg_stat_activity that `where` holds for, the caller's own excepted.
    long backend_count(const std::string& where = "true");
    // Server processes whose title holds `text` (`postgres: alice orders 127.0.0.1(40000) authentication`):
    // the only way to see a backend that has not authenticated its client yet.
    std::size_t process_count(const std::string& text) const;
    // Blocks until `condition`, an SQL expression, is true; false if it was not in time. For what PostgreSQL
    // has no event for: it is asked over and over.
    bool await(const std::string& condition, std::chrono::milliseconds timeout = patience);

    // TCP connections that PostgreSQL's log says it received so far; this call's own does not count.
    long connections_received();
    std::string log() const;

    // A streaming standby of `primary`, once it answers; `name` is its application_name there. It shares the
    // primary's settings, but for where it listens.
    static std::unique_ptr<PostgresCluster> standby_of(const PostgresCluster& primary,
                                                       const std::string& name);
    // An immediate shutdown, as by `pg_ctl stop -m immediate`: nothing is finished or flushed.
    void kill();
    // The superuser's connections are made anew when next used: it has lost them.
    void forget_connections() { superusers_.clear(); }
    // SIGKILL for the postmaster; its children notice, and end by themselves.
    void kill9();
    // Once what is left of the one before has ended. log() begins anew.
    void start_again();
    // A fast shutdown and a new start: every connection is lost, the data stays. log() begins anew.
    void restart();

    // Replaces the rules of pg_hba.conf and has them read.
    void set_hba(const std::vector<std::string>& rules);

private:
    struct Standby {
        const PostgresCluster& primary;
        std::string name;
    };
    explicit PostgresCluster(const Standby& standby);

    void copy(const Standby& standby);
    void initialise(const PostgresOptions& options);
    void write_hba(const std::vector<std::string>& rules);
    void start(const char* when_ready = "ready to accept connections");
    void stop();
    PgConnection& superuser(const std::string& database);

    TestCa ca_;
    TemporaryDirectory directory_{"curfew-pg"};
    std::string os_user_;  // postgres when we are root, which PostgreSQL refuses to run as
    std::uint16_t port_ = 0;
    long marks_ = 0;
    std::unique_ptr<Process> process_;
    std::map<std::string, std::unique_ptr<PgConnection>> superusers_;
};

}  // namespace curfew::test
