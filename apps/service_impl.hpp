// What a service is made of, for service*.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/api_server.hpp"
#include "api/metrics_server.hpp"
#include "apps/node_enforcement.hpp"
#include "apps/node_store.hpp"
#include "apps/notifications.hpp"
#include "apps/process_identity.hpp"
#include "apps/recording_keep.hpp"
#include "apps/service.hpp"
#include "apps/sign_in_service.hpp"
#include "apps/version.hpp"
#include "audit/forwarding.hpp"
#include "audit/heads.hpp"
#include "audit/receipt_desk.hpp"
#include "audit/signing_key.hpp"
#include "base/clock.hpp"
#include "execution/previewer.hpp"
#include "execution/script_runner.hpp"
#include "metrics/metrics.hpp"
#include "proxy/event.hpp"
#include "proxy/task_group.hpp"
#include "workflow/commands.hpp"
#include "workflow/desk.hpp"
#include "workflow/due_watch.hpp"
#include "workflow/membership.hpp"
#include "workflow/registry.hpp"
#include "workflow/store_follower.hpp"

namespace curfew::apps {

template <class T>
using Awaitable = proxy::Awaitable<T>;

// Everything here happens on the thread that calls run().
class Service {
public:
    explicit Service(ServiceOptions options)
        : options_{std::move(options)},
          metrics_{version, git_revision()},
          name_{options_.node.name},
          watching_{context_.get_executor()},
          signals_{context_, SIGTERM, SIGINT, SIGHUP},
          watchdog_{context_},
          asked_{context_.get_executor()} {}

    Result<void> run();

private:
    Result<void> look_for_store();
    Awaitable<Result<void>> await_store();
    Awaitable<void> live();
    Awaitable<Result<void>> start();
    Awaitable<Result<void>> prepare();
    Awaitable<void> serve();
    Awaitable<void> reload();
    Awaitable<void> stop();
    Awaitable<void> watch_signals();
    Awaitable<void> feed_watchdog(Duration interval);
    void ask_to_stop(int signal);
    void spawn(Awaitable<void> task);
    std::string serving() const;

    // service_work.cpp
    void take_store();
    void requests_changed(const workflow::ChangedRequests& changed);
    void open_desk();
    execution::ScriptRunner::Surroundings script_surroundings();
    execution::Previewer::Surroundings preview_surroundings();
    Awaitable<void> leave_grant(GrantId grant, std::string why);
    Result<void> open_signing_key();
    Awaitable<Result<void>> take_name();
    Awaitable<store::NodeReport> report();
    Awaitable<Result<void>> take_up_work();

    // service_surfaces.cpp
    Result<void> start_metrics();
    Awaitable<std::vector<std::string>> not_ready_because();
    std::string exposition();
    Result<void> start_api();
    api::ApiServerOptions api_options();
    void now_uses(const config::Config& config);

    ServiceOptions options_;
    const SystemClock clock_;
    const BootInstant started_at_ = clock_.boot_now();
    metrics::Metrics metrics_;
    // What runs on the context goes before it; what that refers to goes after it.
    boost::asio::io_context context_{1};
    StorePointer store_;
    std::optional<audit::SigningKey> signing_key_;  // absent: nothing is signed
    std::optional<Error> store_away_;               // when first looked for
    std::optional<StoreWait> wait_;                 // for a store that was
    RecordingKeep recordings_{clock_, metrics_.recording()};
    std::unique_ptr<proxy::Node> node_;
    NodeEnforcement enforcement_;
    std::optional<workflow::Registry> registry_;
    std::optional<SignInService> sign_in_;
    std::optional<workflow::Desk> desk_;
    std::optional<workflow::Commands> commands_;
    std::optional<execution::ScriptRunner> scripts_;
    std::optional<execution::Previewer> previews_;
    std::optional<workflow::DueWatch> due_watch_;
    std::optional<workflow::StoreFollower> follower_;  // of a store that is shared
    std::optional<workflow::Membership> membership_;
    std::optional<Notifications> notifications_;
    std::optional<audit::Forwarding> forwarding_;  // where there is somebody to be sent events
    std::optional<audit::HeadLog> heads_;          // the same
    std::optional<audit::ReceiptDesk> receipts_;   // where there is a key to sign them with
    const std::string name_;                       // of the node
    const std::string instance_ = process_identity();
    config::Store store_settings_;  // as they are now
    proxy::TaskGroup watching_;
    config::Config config_;  // as it was at the start
    std::optional<api::ApiServer> api_;
    std::optional<api::MetricsServer> metrics_server_;

    boost::asio::signal_set signals_;
    boost::asio::steady_timer watchdog_;
    proxy::Event asked_;  // to reload, or to stop
    bool reload_wanted_ = false;
    bool stop_wanted_ = false;
    bool reloadable_ = false;
    bool node_started_ = false;
    std::optional<Error> failure_;  // why it could not start, or go on
};

}  // namespace curfew::apps
