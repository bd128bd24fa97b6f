#include "support/postgres_cluster.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <stdexcept>

#include "support/free_port.hpp"

namespace curfew::test {
namespace {

namespace fs = std::filesystem;

const fs::path& program_directory() {
    static const fs::path directory = [] {
        const CommandResult result = run({"pg_config", "--bindir"});
        if (!result.status.success()) throw std::runtime_error("pg_config --bindir: " + result.err);
        return fs::path{result.out.substr(0, result.out.find('\n'))};
    }();
    return directory;
}

void give_to(const std::string& user, const fs::path& path) {
    if (user.empty()) return;
    const passwd* entry = ::getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): before any thread asks
    if (entry == nullptr) throw std::runtime_error("there is no user " + user);
    if (::chown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0)
        throw std::system_error(errno, std::generic_category(), "chown " + path.string());
}

std::map<std::string, std::string> default_settings() {
    return {
        {"listen_addresses", "'127.0.0.1'"},
        {"fsync", "off"},
        {"synchronous_commit", "off"},
        {"full_page_writes", "off"},
        {"shared_buffers", "'32MB'"},
        {"wal_level", "logical"},
        {"max_wal_senders", "10"},
        {"max_replication_slots", "10"},
        {"max_prepared_transactions", "10"},
        {"track_commit_timestamp", "on"},
        {"superuser_reserved_connections", "5"},
        {"log_connections", "on"},
        {"log_disconnections", "on"},
        {"log_line_prefix", "'%m [%p] %u@%d '"},
        {"ssl", "on"},
        {"ssl_cert_file", "'server.crt'"},
        {"ssl_key_file", "'server.key'"},
        {"ssl_ca_file", "'ca.crt'"},
        {"autovacuum", "off"},
    };
}

}  // namespace

PostgresOptions with_hba(std::vector<std::string> rules) {
    PostgresOptions options;
    options.hba = std::move(rules);
    return options;
}

PostgresOptions flushing_options() {
    PostgresOptions options;
    options.settings["synchronous_commit"] = "'on'";
    return options;
}

PostgresCluster::PostgresCluster(const PostgresOptions& options)
    : os_user_{::geteuid() == 0 ? "postgres" : ""}, port_{free_port()} {
    initialise(options);
    start();
    sql("CREATE ROLE curfew_admin LOGIN PASSWORD 'admin-secret';"
        "GRANT pg_signal_backend, pg_read_all_stats TO curfew_admin");
}

PostgresCluster::PostgresCluster(const Standby& standby)
    : os_user_{standby.primary.os_user_}, port_{free_port()} {
    copy(standby);
    start("ready to accept read-only connections");
}

std::unique_ptr<PostgresCluster> PostgresCluster::standby_of(const PostgresCluster& primary,
                                                             const std::string& name) {
    return std::unique_ptr<PostgresCluster>{new PostgresCluster{Standby{primary, name}}};
}

PostgresCluster::~PostgresCluster() {
    stop();
}

void PostgresCluster::stop() {
    superusers_.clear();
    if (!process_->running()) return;
    process_->signal(SIGINT);  // a fast shutdown
    if (!process_->wait_for(patience)) std::cerr << "PostgreSQL did not stop and is killed\n" << log();
}

void PostgresCluster::kill() {
    superusers_.clear();
    process_->signal(SIGQUIT);
    process_->wait();
}

void PostgresCluster::kill9() {
    superusers_.clear();
    process_->signal(SIGKILL);
    process_->wait();
}

void PostgresCluster::start_again() {
    for (const Instant give_up = now() + patience * 3;;) {
        try {
            return start();
        } catch (const std::runtime_error&) {
            // Its shared memory is still in use.
            if (log().find("pre-existing shared memory") == std::string::npos || now() > give_up) throw;
        }
    }
}

void PostgresCluster::restart() {
    stop();
    start();
}

fs::path PostgresCluster::program(const std::string& name) {
    return program_directory() / name;
}

PostgresCluster& PostgresCluster::shared() {
    static PostgresCluster cluster;
    return cluster;
}

void PostgresCluster::initialise(const PostgresOptions& options) {
    give_to(os_user_, directory_.path());
    fs::permissions(directory_.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    const fs::path data = directory_ / "data";
    Process::Options as_postgres;
    as_postgres.user = os_user_;
    const CommandResult result =
        run({program("initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding",
             "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"},
            as_postgres);
    if (!result.status.success()) throw std::runtime_error("initdb: " + result.err);

    const CertificateFiles server = ca_.issue_server();
    for (const auto& [from, name] : {std::pair{server.certificate, "server.crt"},
                                     {server.key, "server.key"},
                                     {ca_.certificate(), "ca.crt"}}) {
        fs::copy_file(from, data / name);
        give_to(os_user_, data / name);
    }
    std::map<std::string, std::string> settings = default_settings();
    settings["max_connections"] = std::to_string(options.max_connections);
    settings["port"] = std::to_string(port_);
    settings["unix_socket_directories"] = "'" + directory_.path().string() + "'";
    for (const auto& [name, value] : options.settings)
        settings[name] = value;
    std::ofstream file{data / "postgresql.conf", std::ios::app};
    for (const auto& [name, value] : settings)
        file << name << " = " << value << '\n';
    write_hba(options.hba);
}

void PostgresCluster::copy(const Standby& standby) {
    give_to(os_user_, directory_.path());
    fs::permissions(directory_.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    Process::Options as_postgres;
    as_postgres.user = os_user_;
    const CommandResult result =
        run({program("pg_basebackup"), "--pgdata", directory_ / "data", "--dbname",
             standby.primary.conninfo() + " application_name=" + standby.name, "--write-recovery-conf",
             "--wal-method", "stream", "--checkpoint", "fast", "--no-sync"},
            as_postgres);
    if (!result.status.success()) throw std::runtime_error("pg_basebackup: " + result.err);
    // The last of several counts.
    std::ofstream file{directory_ / "data/postgresql.conf", std::ios::app};
    file << "port = " << port_ << "\nunix_socket_directories = '" << directory_.path().string() << "'\n";
    if (!file.flush()) throw std::runtime_error("cannot write postgresql.conf");
}

void PostgresCluster::write_hba(const std::vector<std::string>& rules) {
    std::ofstream file{directory_ / "data/pg_hba.conf", std::ios::trunc};
    file << "local all postgres trust\nhost all postgres 127.0.0.1/32 trust\n";
    for (const std::string& rule : rules)
        file << rule << '\n';
    if (!file.flush()) throw std::runtime_error("cannot write pg_hba.conf");
}

void PostgresCluster::start(const char* when_ready) {
    Process::Options options;
    options.user = os_user_;
    options.death_signal = "QUIT";  // an immediate shutdown, children included
    options.environment["LC_ALL"] = "C.UTF-8";
    process_ = std::make_unique<Process>(
        std::vector<std::string>{program("postgres"), "-D", directory_ / "data"}, options);
    if (!process_->wait_for_line(Process::Stream::err, when_ready, patience * 3))
        throw std::runtime_error("PostgreSQL did not start:\n" + log());
}

std::string PostgresCluster::conninfo(const std::string& user, const std::string& database) const {
    return "host=" + directory_.path().string() + " port=" + std::to_string(port_) + " user=" + user +
           " dbname=" + database;
}

std::string PostgresCluster::tcp_conninfo(const std::string& user, const std::string& database) const {
    return "host=127.0.0.1 port=" + std::to_string(port_) + " user=" + user + " dbname=" + database;
}

PgConnection& PostgresCluster::superuser(const std::string& database) {
    std::unique_ptr<PgConnection>& connection = superusers_[database];
    if (!connection) connection = std::make_unique<PgConnection>(conninfo("postgres", database));
    return *connection;
}

std::string PostgresCluster::sql(const std::string& text, const std::string& database) {
    return superuser(database).value(text);
}

long PostgresCluster::number(const std::string& query, const std::string& database) {
    return std::stol(sql(query, database));
}

long PostgresCluster::backend_count(const std::string& where) {
    return number(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('client backend', 'walsender') "
        "AND pid <> pg_backend_pid() AND (" +
        where + ")");
}

std::size_t PostgresCluster::process_count(const std::string& text) const {
    std::size_t count = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator{"/proc"}) {
        // A process may be gone before its files are read; then they read as empty.
        std::ifstream status{entry.path() / "stat"};
        std::string field;
        std::getline(status, field, ')');  // pid (name
        pid_t parent = 0;
        if (!(status >> field >> parent) || parent != process_->pid()) continue;
        std::ifstream title{entry.path() / "cmdline"};
        std::string line;
        std::getline(title, line, '\0');
        if (line.find(text) != std::string::npos) ++count;
    }
    return count;
}

bool PostgresCluster::await(const std::string& condition, std::chrono::milliseconds timeout) {
    // Asked on the server's side: one statement, no round trips, no sleeping here.
    sql("CREATE OR REPLACE PROCEDURE pg_temp.await(condition text, OUT held boolean, seconds float8) "
        "LANGUAGE plpgsql AS $$ "
        "DECLARE started timestamptz := clock_timestamp(); "
        "BEGIN LOOP "
        "  PERFORM pg_stat_clear_snapshot(); "
        "  EXECUTE 'SELECT ' || condition INTO held; "
        "  EXIT WHEN held OR clock_timestamp() > started + make_interval(secs => seconds); "
        "  COMMIT; PERFORM pg_sleep(0.005); "
        "END LOOP; END $$");
    PgConnection& connection = superuser("postgres");
    char* quoted = PQescapeLiteral(connection.get(), condition.data(), condition.size());
    const std::string call = "CALL pg_temp.await(" + std::string{quoted} + ", NULL, " +
                             std::to_string(std::chrono::duration<double>{timeout}.count()) + ")";
    PQfreemem(quoted);
    return connection.value(call) == "t";
}

long PostgresCluster::connections_received() {
    // The postmaster takes connections in order, and each backend's first log line is this one: once a
    // connection of our own has come all the way through, so have those before it.
    const std::string mark = "connection mark " + std::to_string(++marks_);
    PgConnection{tcp_conninfo("postgres")}.exec("DO $$ BEGIN RAISE LOG '" + mark + "'; END $$");
    if (!process_->wait_for_line(Process::Stream::err, mark))
        throw std::runtime_error("PostgreSQL did not log\n" + log());
    const std::string text = log();
    const std::string_view line = "connection received: host=127.0.0.1";
    long count = 0;
    for (std::size_t at = 0; (at = text.find(line, at)) != std::string::npos; ++at)
        ++count;
    return count - marks_;
}

std::string PostgresCluster::log() const {
    return process_ ? process_->output(Process::Stream::err) : "";
}

void PostgresCluster::set_hba(const std::vector<std::string>& rules) {
    write_hba(rules);
    // New connections may be served by a postmaster that has not reread the file yet; this says that it has.
    const std::string before = sql("SELECT pg_conf_load_time()");
    sql("SELECT pg_reload_conf()");
    // pg_conf_load_time() of a running backend moves when that backend rereads; a fresh one shows the
    // postmaster's own.
    const Instant deadline = now() + patience;
    while (PgConnection{conninfo()}.value("SELECT pg_conf_load_time()") == before) {
        if (now() > deadline) throw std::runtime_error("pg_hba.conf was not reread\n" + log());
    }
}

}  // namespace curfew::test
