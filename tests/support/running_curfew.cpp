#include "support/running_curfew.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace curfew::test {

namespace json = boost::json;

namespace {

std::uint16_t port_of(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

// `2026-11-24T14:05:00.250Z`, milliseconds only where there are any.
std::chrono::sys_time<std::chrono::milliseconds> parse_utc(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr) throw std::runtime_error("no instant: " + text);
    const std::chrono::milliseconds fraction{*rest == '.' ? std::stoi(std::string{rest + 1, 3}) : 0};
    return std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::seconds{::timegm(&parts)}} +
           fraction;
}

std::string text_member(const json::value& object, const char* name) {
    return json::value_to<std::string>(object.at(name));
}

GivenGrant given(const json::value& answer) {
    return {text_member(answer, "id"), parse_utc(text_member(answer, "ends_at"))};
}

}  // namespace

Instant GivenGrant::end() const {
    return now() + (ends_at - std::chrono::system_clock::now());
}

RunningCurfew::RunningCurfew(const YAML::Node& config, Options options) {
    write_config(config);
    std::vector<std::string> command = std::move(options.launcher);
    command.insert(command.end(), {CURFEWD_PATH, "run", "--config", directory_ / "curfew.yaml"});
    start(std::move(command), std::move(options.process));
    if (options.await_ready) log_->await("node.ready");
}

RunningCurfew::RunningCurfew(std::vector<std::string> arguments, Process::Options process) {
    arguments.insert(arguments.begin(), CURFEWD_PATH);
    start(std::move(arguments), std::move(process));
    log_->await("node.ready");
}

RunningCurfew::~RunningCurfew() {
    process_.reset();
    if (testing::Test::HasFailure())
        std::cerr << "curfewd's log:\n" << earlier_logs_ << log_->text() << "(end of curfewd's log)\n";
}

YAML::Node RunningCurfew::completed(const YAML::Node& config) const {
    YAML::Node node = YAML::Clone(config);
    if (!node["store"]["path"] && !node["store"]["postgresql"])
        node["store"]["path"] = (directory_ / "store.db").string();
    if (!node["admin"]["socket"]) node["admin"]["socket"] = (directory_ / "admin.sock").string();
    if (!node["metrics"]) node["metrics"]["address"] = "127.0.0.1:0";
    if (!node["log"]) {
        node["log"]["format"] = "json";
        node["log"]["level"] = "debug";
    }
    return node;
}

void RunningCurfew::write_config(const YAML::Node& config) {
    std::ostringstream text;
    text << completed(config) << '\n';
    directory_.write("curfew.yaml", text.str());
}

void RunningCurfew::start(std::vector<std::string> command, Process::Options options) {
    log_ = std::make_unique<CurfewLog>();
    options.on_line = [log = log_.get()](Process::Stream stream, const std::string& line) {
        if (stream == Process::Stream::err) log->add(line);
    };
    options.on_end = [log = log_.get()] { log->close(); };
    options.environment.emplace("TMPDIR", directory_.path().string());  // of dev mode; goes with us
    process_ = std::make_unique<Process>(std::move(command), std::move(options));
}

std::uint16_t RunningCurfew::port(const std::string& listener) const {
    return port_of(log_->await("listener.opened", {{"listener", listener}}).text("address"));
}

std::uint16_t RunningCurfew::metrics_port() const {
    return port_of(log_->await("metrics.opened").text("address"));
}

std::filesystem::path RunningCurfew::admin_socket() const {
    return log_->await("admin.listening").text("socket");
}

std::string RunningCurfew::conninfo(const std::string& user, const std::string& database,
                                    const std::string& listener) const {
    return "host=127.0.0.1 port=" + std::to_string(port(listener)) + " user=" + user + " dbname=" + database +
           " sslmode=disable";
}

LiveSession RunningCurfew::open_session(const std::string& user, const std::string& database,
                                        wire::Parameters more, ByteStream::Options options) {
    const std::size_t before = log_->events("session.admitted", {{"user", user}}).size();
    WireClient connection = client(options);
    connection.log_in(user, database, std::move(more));
    const LogEvent admitted = log_->await_all("session.admitted", before + 1, {{"user", user}}).back();
    std::string backend = connection.query("SELECT pg_backend_pid()");
    return {std::move(connection), admitted.text("session"), admitted.text("grant"), std::move(backend)};
}

SessionEnd RunningCurfew::await_end(const std::string& session, std::chrono::milliseconds timeout) const {
    const LogEvent ended = log_->await("session.ended", {{"session", session}}, timeout);
    SessionEnd end{ended.text("cause"), ended.text("confirmation")};
    if (ended.has("client_overstay_ms")) end.client_overstay_ms = ended.number("client_overstay_ms");
    if (ended.has("backend_overstay_ms")) end.backend_overstay_ms = ended.number("backend_overstay_ms");
    return end;
}

CommandResult RunningCurfew::cli_result(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {CURFEW_PATH, "--socket", admin_socket()});
    return run(std::move(arguments));
}

json::value RunningCurfew::cli(std::vector<std::string> arguments) const {
    std::string command = "curfew";
    for (const std::string& argument : arguments)
        command += ' ' + argument;
    arguments.emplace_back("--json");
    const CommandResult result = cli_result(std::move(arguments));
    if (!result.status.success())
        throw std::runtime_error(command + ": " + to_string(result.status) + ": " + result.err);
    return json::parse(result.out);
}

GivenGrant RunningCurfew::grant(const std::string& subject, const std::string& length,
                                std::vector<std::string> more) const {
    std::vector<std::string> arguments{"grant", subject, the_resource, "--for", length};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return given(cli(std::move(arguments)));
}

GivenGrant RunningCurfew::extend(const std::string& grant, const std::string& by) const {
    return given(cli({"extend", grant, "--by", by}));
}

void RunningCurfew::revoke(const std::string& grant) const {
    cli({"revoke", grant});
}

void RunningCurfew::kill_session(const std::string& session) const {
    cli({"kill", session});
}

json::array RunningCurfew::sessions() const {
    return cli({"sessions"}).at("items").as_array();
}

MetricsText RunningCurfew::metrics() const {
    const HttpAnswer answer = http_get(metrics_port(), "/metrics");
    if (answer.status != 200) throw std::runtime_error("/metrics: " + answer.body);
    return MetricsText{answer.body};
}

double RunningCurfew::metric(const std::string& name,
                             const std::map<std::string, std::string>& labels) const {
    return metrics().sum(name, labels);
}

bool RunningCurfew::reload(const YAML::Node& config) {
    const auto outcomes = [this] { return log_->events("config.reloaded").size(); };
    const std::size_t before = outcomes();
    write_config(config);
    process_->signal(SIGHUP);
    return log_->await_all("config.reloaded", before + 1).back().text("accepted") == "true";
}

void RunningCurfew::restart(bool await_ready) {
    process_->wait();
    earlier_logs_ += log_->text();
    const std::unique_ptr<CurfewLog> old_log = std::move(log_);  // outlives the process that writes to it
    start({CURFEWD_PATH, "run", "--config", directory_ / "curfew.yaml"}, {});
    if (await_ready) log_->await("node.ready");
}

void RunningCurfew::kill9() {
    process_->signal(SIGKILL);
    process_->wait();
}

void RunningCurfew::terminate() {
    process_->signal(SIGTERM);
}

}  // namespace curfew::test
