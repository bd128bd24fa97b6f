// The inside of a Node.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "proxy/async_mutex.hpp"
#include "proxy/bypass_watch.hpp"
#include "proxy/ephemeral_roles.hpp"
#include "proxy/event.hpp"
#include "proxy/grant_book.hpp"
#include "proxy/listeners.hpp"
#include "proxy/node.hpp"
#include "proxy/node_context.hpp"
#include "proxy/offline_grants.hpp"
#include "proxy/offline_inbox.hpp"
#include "proxy/reaper.hpp"
#include "proxy/recorder.hpp"
#include "proxy/resource_set.hpp"
#include "proxy/task_group.hpp"
#include "proxy/worker.hpp"
#include "recording/scribe.hpp"

namespace curfew::proxy {

// Belongs to the control thread.
struct Node::Impl {
    Impl(boost::asio::any_io_executor control, const Clock& clock, store::Store& store,
         metrics::Metrics& metrics, config::Config config, NodeOptions options);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    // node_lifecycle.cpp
    Awaitable<Result<void>> start();
    Awaitable<Result<void>> come_up();
    Awaitable<void> stop();
    void note_leftovers(const ReapReport& report);
    Awaitable<Result<void>> reap_leftovers();
    Awaitable<void> reap_again();
    Awaitable<void> see_to_orphans();
    void tell_of_ended(const ReapReport& report) const;
    Awaitable<void> keep_in_touch();
    Awaitable<Result<void>> hear_store();
    Awaitable<Result<void>> hear_grants();
    void read_whole_list_within(Duration at_least, Duration at_most);
    void start_workers();
    Awaitable<void> drain();
    // Whether hurry() cuts a wait short: never the one for the proof that backends are gone.
    enum class Hurry { possible, impossible };
    Awaitable<void> await_sessions(Duration at_most, Hurry hurry);

    // node_reload.cpp
    Awaitable<Result<void>> reload(std::string actor);
    Awaitable<Result<void>> apply(config::Config wanted);

    // node_offline.cpp
    Awaitable<Result<OfflineTaken>> take_offline(std::string text, std::string actor, OfflineTrial trial);
    Awaitable<Result<store::GrantCountdown>> revoke_offline(GrantId id, std::string actor,
                                                            std::string reason);
    Awaitable<Result<void>> start_offline_session(store::SessionRecord session);
    // What the store does not know yet of grants signed offline. `changing` is held, or nobody else is there.
    Awaitable<Result<void>> enter_offline();
    Awaitable<void> watch_inbox();

    // node_impl.cpp
    // Tells every worker what is true, and returns when all have acted on it.
    Awaitable<void> publish(BootInstant since);
    // Runs `work(worker)` on every worker's thread, all at a time.
    Awaitable<void> on_workers(std::function<void(Worker&)> work);
    void changed();
    std::size_t session_count() const { return context.sessions.load(std::memory_order_relaxed); }
    // What each of them is at, where it is recorded.
    void add_statements(std::vector<SessionView>& views) const;
    bool is_heard() const;
    std::vector<std::string> not_ready_because() const;
    void report_ready();
    std::optional<Error> unknown_names(const store::NewGrant& grant) const;

    boost::asio::any_io_executor control;
    const Clock& clock;
    store::Store& store;
    metrics::Metrics& metrics;
    NodeOptions options;
    const WallInstant started_at;

    std::shared_ptr<const config::Config> config;
    ResourceSet resources;
    std::shared_ptr<const Setup> setup;
    GrantBook book;
    OfflineGrants offline;
    OfflineInbox inbox;
    std::shared_ptr<const std::set<std::string, std::less<>>> closed =
        std::make_shared<const std::set<std::string, std::less<>>>();
    std::set<SessionId> leftovers;  // sessions of an earlier run whose end is not established
    AsyncMutex changing;            // grants, configuration: read, merged and published by one at a time
    Recorder recorder;
    BypassWatch bypass_watch;
    EphemeralRoles ephemeral_roles;
    std::unique_ptr<recording::Scribe> scribe;
    NodeContext context;
    Listeners listeners;

    TaskGroup background;  // keep_in_touch, reap_again, the recorder
    Event stopping_touch;
    Event stopping_reap;
    bool started = false;
    bool draining = false;
    bool stopped = false;
    bool store_healthy = false;
    std::string store_problem;
    BootInstant heard_at{};
    std::optional<store::ChainHead> news_from;  // grants are known as of this event, or later
    BootInstant whole_list_at{};                // then all of them are read, whatever changed
    bool hurried = false;

    std::size_t next_for_script = 0;  // which of the workers
    std::uint64_t changes = 1;
    std::list<boost::asio::steady_timer*> waiting_for_change;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // for what other threads post
};

}  // namespace curfew::proxy
