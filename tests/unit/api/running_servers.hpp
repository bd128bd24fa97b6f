// The real servers on real sockets, over a FakeControl, on a control thread of their own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <concepts>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "api/api_server.hpp"
#include "api/metrics_server.hpp"
#include "base/clock.hpp"
#include "fake_control.hpp"
#include "http_client.hpp"
#include "support/awaiting.hpp"
#include "support/temporary_directory.hpp"
#include "workplace.hpp"

namespace curfew::test {

// An io_context and the thread that runs it.
class ControlThread {
public:
    ControlThread();
    ~ControlThread();

    boost::asio::io_context& context() { return context_; }

    // Runs `work` on the thread and gives what it returns.
    template <class Work>
    auto run(Work work) {
        std::packaged_task<decltype(work())()> task{std::move(work)};
        auto result = task.get_future();
        boost::asio::post(context_, [&task] { task(); });
        return result.get();
    }

    // Awaits `made()` on the thread.
    void await(std::function<api::Awaitable<void>()> made);

private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::thread thread_;
};

// 2020-01-01T12:00:00Z.
constexpr WallInstant noon{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1} + std::chrono::hours{12}};

// What is behind the API, where a test wants something else than usual.
struct Behind {
    std::string declared = usual_workplace;
    std::string store_path = {};  // of a store that is there already; empty: a new one
};

// The API over an in-memory node and a real workplace, whose wall clock stands still at `now`.
class RunningAdmin {
public:
    explicit RunningAdmin(api::HttpLimits socket_limits = {}, WallInstant now = noon);
    // `adjust` sees the options before the server does.
    template <std::invocable<api::ApiServerOptions&> Adjust>
    explicit RunningAdmin(Adjust adjust, WallInstant now = noon, const Behind& behind = {}) : clock{now} {
        api::ApiServerOptions options = usual_options();
        adjust(options);
        start(options, behind);
    }
    ~RunningAdmin();

    std::string socket() const { return directory_ / "admin.sock"; }
    RawClient connect() const { return RawClient::unix_socket(socket()); }
    // By the Unix socket. Fails the test where the answer is not as the OpenAPI document says.
    HttpReply request(std::string_view method, std::string_view target, std::string_view body = "",
                      const Headers& headers = {}) const;
    // By TCP, where the options have a network listener without TLS; held against the document as well.
    HttpReply request_by_tcp(std::string_view method, std::string_view target, std::string_view body = "",
                             const Headers& headers = {}) const;
    std::uint16_t port() const { return server_->address().value().port; }
    Result<void> use_certificate(const config::ServerTls& tls) {
        return thread_.run([&] { return server_->use_certificate(tls); });
    }
    void use_notifiers(const std::vector<config::Notifier>& notifiers) {
        thread_.run([&] { server_->use_notifiers(notifiers); });
    }
    std::vector<api::Route> routes() const { return server_->routes(); }
    void stop();

    // `work(control)` on the control thread.
    template <class Work>
    auto with_control(Work work) {
        return thread_.run([&] { return work(control); });
    }
    // `work(workplace)` there, and what it gives, awaited; `work` returns an Awaitable.
    template <class Work>
    auto await(Work work) {
        return test::start(thread_.context(), work(*workplace_)).get();
    }
    // For what may be called on any thread.
    Workplace& workplace() { return *workplace_; }
    // The grants that there are, over or not; newest first.
    std::vector<store::GrantCountdown> grants();
    // Has the session recorded under a new grant, and as ended where the record says how; times are the
    // clock's. Gives the grant.
    GrantId record(store::SessionRecord session);
    // Signs a receipt for each session that is over and has none, by `receipt_key`.
    void issue_receipts();
    // Has a session under a new grant for an hour recorded as live at that node.
    SessionId record_live(const std::string& node);
    // Has the store know the node: 2 sessions on `prod` and `test`, heard of now.
    void register_node(const std::string& name);
    // A notification to #dba about r-00000001 that came out so.
    DeliveryId notify(const std::string& notifier, const std::string& kind, store::DeliveryOutcome outcome);

    ManualClock clock;

private:
    api::ApiServerOptions usual_options() const;
    void start(const api::ApiServerOptions& options, const Behind& behind = {});

    TemporaryDirectory directory_;
    ControlThread thread_;

public:
    FakeControl control;  // only by with_control(), once the server runs

private:
    std::unique_ptr<Workplace> workplace_;
    std::unique_ptr<api::ApiServer> server_;
};

// A live session to be shown, with every field filled in: half an hour old, one and a half to go.
proxy::SessionView example_session(const GrantId& grant, WallInstant now = noon);
// A recorded one.
store::SessionRecord example_record();
// By which RunningAdmin signs.
const audit::SigningKey& receipt_key();

}  // namespace curfew::test
