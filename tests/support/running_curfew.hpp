// The real curfewd, run by a test and administered by the real curfew command.
#pragma once

#include <yaml-cpp/yaml.h>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/curfew_config.hpp"
#include "support/curfew_log.hpp"
#include "support/metrics_text.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/wire_client.hpp"

namespace curfew::test {

// A grant, as `curfew grant --json` gave it.
struct GivenGrant {
    std::string id;
    std::chrono::sys_time<std::chrono::milliseconds> ends_at;  // on this machine's wall clock

    // The same instant as the test's clock shows it.
    Instant end() const;
};

// A session by a WireClient that is logged in, and the names that curfewd and PostgreSQL have for it.
struct LiveSession {
    WireClient client;
    std::string id;
    std::string grant;
    std::string backend;  // pid, as text

    // For PostgresCluster::backend_count.
    std::string backend_is_it() const { return "pid = " + backend; }
};

// The end of an enforced session, as the log tells it.
struct SessionEnd {
    std::string cause;
    std::string confirmation;
    double client_overstay_ms = 0;
    double backend_overstay_ms = 0;
};

class RunningCurfew {
public:
    struct Options {
        bool await_ready = true;
        Process::Options process;
        std::vector<std::string> launcher;  // a command that runs the one behind it in its own process
    };

    // `curfewd run` with this configuration. Where `config` has none it adds a store, an admin socket, a
    // metrics address (any free port) and JSON logs; returns when curfewd is ready.
    explicit RunningCurfew(const YAML::Node& config) : RunningCurfew(config, Options{}) {}
    RunningCurfew(const YAML::Node& config, Options options);
    // `curfewd` with these arguments (dev mode).
    explicit RunningCurfew(std::vector<std::string> arguments, Process::Options process = {});
    // Prints the log if the test has failed. Kills curfewd if it still runs.
    ~RunningCurfew();
    RunningCurfew(const RunningCurfew&) = delete;
    RunningCurfew& operator=(const RunningCurfew&) = delete;

    std::uint16_t port(const std::string& listener = "main") const;
    std::uint16_t metrics_port() const;
    const CurfewLog& log() const noexcept { return *log_; }
    Process& process() noexcept { return *process_; }
    const TemporaryDirectory& directory() const noexcept { return directory_; }
    std::filesystem::path admin_socket() const;

    // For libpq, over TCP without TLS.
    std::string conninfo(const std::string& user, const std::string& database = the_resource,
                         const std::string& listener = "main") const;
    WireClient client(ByteStream::Options options = {}) const { return WireClient::tcp(port(), options); }
    // Connects and logs in. `user` must have no other session coming up at the same time.
    LiveSession open_session(const std::string& user, const std::string& database = the_resource,
                             wire::Parameters more = {}, ByteStream::Options options = {});
    // Waits for the end of an enforced session.
    SessionEnd await_end(const std::string& session, std::chrono::milliseconds timeout = patience) const;

    // The curfew command: what it printed as JSON. Throws std::runtime_error, with what it said, if it fails.
    boost::json::value cli(std::vector<std::string> arguments) const;
    CommandResult cli_result(std::vector<std::string> arguments) const;
    GivenGrant grant(const std::string& subject, const std::string& length = "1h",
                     std::vector<std::string> more = {}) const;
    GivenGrant extend(const std::string& grant, const std::string& by) const;
    void revoke(const std::string& grant) const;
    void kill_session(const std::string& session) const;
    // Live ones.
    boost::json::array sessions() const;

    MetricsText metrics() const;
    double metric(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;

    // Replaces the configuration file; nothing is applied by that.
    void write_config(const YAML::Node& config);
    // Writes the file and sends SIGHUP; returns when curfewd has said what it made of it: true if applied.
    bool reload(const YAML::Node& config);
    // Starts a new curfewd with the same configuration file, store and sockets, after the old one has ended.
    void restart(bool await_ready = true);
    void kill9();
    // SIGTERM; does not wait.
    void terminate();

private:
    YAML::Node completed(const YAML::Node& config) const;
    void start(std::vector<std::string> command, Process::Options options);

    TemporaryDirectory directory_{"curfew"};
    std::unique_ptr<CurfewLog> log_;
    std::string earlier_logs_;
    std::unique_ptr<Process> process_;
};

}  // namespace curfew::test
