#include "admin_fixture.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>

namespace curfew::test {

namespace {

config::Resource resource_of_admin() {
    config::Resource resource;
    resource.name = "db";
    resource.admin_login = config::AdminLogin{"curfew_admin", Secret{"admin-secret"}, "postgres"};
    return resource;
}

}  // namespace

RunningContext& caller() {
    static RunningContext context;
    return context;
}

PostgresCluster& cluster_with_alice() {
    static const bool made = [] {
        PostgresCluster::shared().sql("CREATE ROLE alice LOGIN");
        return true;
    }();
    static_cast<void>(made);
    return PostgresCluster::shared();
}

config::Resource tcp_resource(const PostgresCluster& cluster) {
    config::Resource resource = resource_of_admin();
    resource.upstream = {"127.0.0.1", cluster.port()};
    return resource;
}

config::Resource unix_resource(const PostgresCluster& cluster) {
    config::Resource resource = resource_of_admin();
    resource.upstream = {
        (cluster.socket_directory() / (".s.PGSQL." + std::to_string(cluster.port()))).string(), 0};
    return resource;
}

RunningAdmin::RunningAdmin(RunningContext& control, const config::Resource& resource)
    : control_{control},
      admin_{control.executor(), clock_, resource, metrics_, within(std::chrono::seconds{5})} {
    admin_.start();
}

RunningAdmin::~RunningAdmin() {
    stop();
}

proxy::AdminLoginStatus RunningAdmin::status() {
    const auto looking = [](proxy::BackendAdmin& admin) -> boost::asio::awaitable<proxy::AdminLoginStatus> {
        co_return admin.status();
    };
    return control_.await(looking(admin_));
}

bool RunningAdmin::wait_until_up(std::chrono::milliseconds at_most) {
    return caller().await(admin_.wait_until_up(at_most));
}

Result<store::Backend> RunningAdmin::identify(proxy::BackendAdmin::Peer peer) {
    return caller().await(admin_.identify(peer));
}

Result<proxy::BackendAdmin::Signal> RunningAdmin::terminate(store::Backend backend) {
    return caller().await(admin_.terminate(std::move(backend)));
}

Result<bool> RunningAdmin::is_running(store::Backend backend) {
    return caller().await(admin_.is_running(std::move(backend)));
}

Result<proxy::BackendAdmin::LeftBehind> RunningAdmin::left_behind(proxy::BackendAdmin::Trace trace) {
    return caller().await(admin_.left_behind(std::move(trace)));
}

Result<std::vector<std::string>> RunningAdmin::replication_slots() {
    return caller().await(admin_.replication_slots());
}

bool RunningAdmin::sees_it_leave(const store::Backend& backend) {
    const Instant deadline = now() + patience;
    while (now() < deadline) {
        if (!is_running(backend).value()) return true;
    }
    return false;
}

void RunningAdmin::stop() {
    caller().await(admin_.stop());
}

Batch::Batch(RunningContext& control, boost::asio::io_context& asker) : asker_{asker} {
    asker_.restart();
    boost::asio::post(control.executor(), [this] { released_.wait(); });
}

void Batch::run() {
    asker_.poll();
    released_.count_down();
    asker_.run_for(patience);
}

long executions(PostgresCluster& cluster, const std::string& statement) {
    // The log comes through a pipe that another thread reads: an answer can be here before its line.
    // This waits for a line that is written after it.
    cluster.connections_received();
    const std::string log = cluster.log();
    const std::string line = "execute <unnamed>: " + statement;
    long count = 0;
    for (std::size_t at = 0; (at = log.find(line, at)) != std::string::npos; ++at)
        ++count;
    return count;
}

std::uint16_t local_port(const PgConnection& client) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    if (::getsockname(PQsocket(client.get()), reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
        address.sin_family != AF_INET)
        throw std::runtime_error("not a TCP connection");
    return ntohs(address.sin_port);
}

void send(PgConnection& client, const std::string& sql) {
    if (PQsendQuery(client.get(), sql.c_str()) != 1) throw std::runtime_error(PQerrorMessage(client.get()));
}

bool await_running(PostgresCluster& cluster, const PgConnection& client) {
    return cluster.await("EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND pid = " +
                         std::to_string(client.backend_pid()) + ")");
}

bool sees_its_end(PgConnection& client) {
    const Instant deadline = now() + patience;
    while (now() < deadline) {
        pollfd readable{PQsocket(client.get()), POLLIN, 0};
        if (::poll(&readable, 1, poll_timeout(deadline)) <= 0) return false;
        if (PQconsumeInput(client.get()) != 1) return true;
    }
    return false;
}

}  // namespace curfew::test
