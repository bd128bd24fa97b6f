// BackendAdmins before a real PostgreSQL, and the threads that they need.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metrics/metrics.hpp"
#include "proxy/backend_admin.hpp"
#include "support/awaiting.hpp"
#include "support/postgres_cluster.hpp"
#include "support/timing.hpp"

namespace curfew::test {

// An io_context and the thread that runs it.
class RunningContext {
public:
    RunningContext() : thread_{[this] { context_.run(); }} {}
    ~RunningContext() {
        context_.stop();
        thread_.join();
    }
    RunningContext(const RunningContext&) = delete;
    RunningContext& operator=(const RunningContext&) = delete;

    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    // What `task` gives, awaited on this context's thread. Throws if it takes longer than `patience`.
    template <class T>
    T await(boost::asio::awaitable<T> task) {
        std::future<T> future = test::start(executor(), std::move(task));
        if (future.wait_for(patience) != std::future_status::ready)
            throw std::runtime_error("nothing came of it");
        return future.get();
    }

private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    std::thread thread_;
};

// Where these tests await what BackendAdmins answer. One for the program: it must outlive every control
// thread.
RunningContext& caller();

// Remembers whether the connection was said to be up, and how often it came up.
class FakeResourceMetrics final : public metrics::ResourceMetrics {
public:
    void session_started() override {}
    void session_ended(policy::EndCause, Duration) override {}
    void bytes_relayed(std::uint64_t, std::uint64_t) override {}
    void client_overstayed(policy::EndCause, Duration) override {}
    void backend_overstayed(policy::EndCause, Duration) override {}
    void unconfirmed_backends_changed(int) override {}
    void backend_end_unconfirmed() override {}
    void handshake_took(Duration) override {}
    void ungoverned_backends(std::size_t count) override { ungoverned = count; }
    void left_behind(std::string_view) override { ++times_left_behind; }
    void admin_connection_up(bool now_up) override {
        up = now_up;
        if (now_up) ++times_up;
    }

    void ephemeral_roles(std::size_t, std::size_t) override {}
    void command(metrics::CommandOutcome) override {}
    void commands_waiting_changed(int) override {}

    std::atomic<bool> up = false;
    std::atomic<std::size_t> ungoverned = 0;
    std::atomic<int> times_left_behind = 0;
    std::atomic<int> times_up = 0;
};

// The shared cluster, with an ordinary role `alice`.
PostgresCluster& cluster_with_alice();

// A resource of the cluster's over TCP, or over its Unix socket, with curfew_admin's admin_login.
config::Resource tcp_resource(const PostgresCluster& cluster);
config::Resource unix_resource(const PostgresCluster& cluster);

// A BackendAdmin that is stopped when its owner goes.
class RunningAdmin {
public:
    // Does not wait for the connection.
    RunningAdmin(RunningContext& control, const config::Resource& resource);
    ~RunningAdmin();
    RunningAdmin(const RunningAdmin&) = delete;
    RunningAdmin& operator=(const RunningAdmin&) = delete;

    proxy::BackendAdmin* operator->() { return &admin_; }
    proxy::BackendAdmin& operator*() { return admin_; }
    const FakeResourceMetrics& metrics() const { return metrics_; }
    proxy::AdminLoginStatus status();

    // These wait for the answer, awaited on caller(); the connection must come up first.
    bool wait_until_up(std::chrono::milliseconds at_most = patience);
    Result<store::Backend> identify(proxy::BackendAdmin::Peer peer);
    Result<proxy::BackendAdmin::Signal> terminate(store::Backend backend);
    Result<bool> is_running(store::Backend backend);
    Result<proxy::BackendAdmin::LeftBehind> left_behind(proxy::BackendAdmin::Trace trace);
    Result<std::vector<std::string>> replication_slots();
    // False if its row is still there after `patience`.
    bool sees_it_leave(const store::Backend& backend);
    void stop();

private:
    RunningContext& control_;
    SystemClock clock_;
    FakeResourceMetrics metrics_;
    proxy::BackendAdmin admin_;
};

// Asks for all of it while the control thread is held up, so that all of it waits when the connection is
// free.
class Batch {
public:
    // `asker` is run by nobody else, and outlives the control thread.
    Batch(RunningContext& control, boost::asio::io_context& asker);

    template <class T>
    void ask(boost::asio::awaitable<Result<T>> question, std::vector<Result<T>>& answers) {
        boost::asio::co_spawn(asker_, std::move(question),
                              [&answers](const std::exception_ptr& failure, Result<T> answer) {
                                  if (failure) std::rethrow_exception(failure);
                                  answers.push_back(std::move(answer));
                              });
    }
    void run();

private:
    boost::asio::io_context& asker_;
    std::latch released_{1};
};

// How often PostgreSQL's log says that `statement` was executed, up to now; it must log them (log_statement).
long executions(PostgresCluster& cluster, const std::string& statement);

// This side's port of a client's TCP connection.
std::uint16_t local_port(const PgConnection& client);

// Starts `sql` and does not wait for its end.
void send(PgConnection& client, const std::string& sql);

// `client` runs a statement, as pg_stat_activity has it.
bool await_running(PostgresCluster& cluster, const PgConnection& client);

// True if the server has closed the client's connection, at the latest after `patience`.
bool sees_its_end(PgConnection& client);

}  // namespace curfew::test
