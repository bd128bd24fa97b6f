// One running curfewd: its workers, its listeners, its grants; what an administrator can do with it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "config/load.hpp"
#include "metrics/metrics.hpp"
#include "proxy/control.hpp"
#include "proxy/script_door.hpp"
#include "recording/live_watch.hpp"
#include "recording/storage.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

class CommandDesk;

// A listening socket that the service manager opened (sd_listen_fds_with_names).
struct InheritedSocket {
    std::string name;  // matches Listener::name; empty or `unknown`: matches the only listener
    int descriptor = -1;
};

struct NodeOptions {
    std::string version;
    std::string name;         // of this node, in records: the host's name
    std::string config_file;  // shown in the status; empty in dev mode
    // Reads the configuration again and has the node use() it; absent: there is nothing to reload.
    std::function<Awaitable<Result<void>>()> reload;
    std::vector<InheritedSocket> inherited;  // owned from here on
    std::function<void()> before_listening;  // called just before the listeners are opened; may be empty
    // Where sessions that are to be recorded are written to, and who follows them there. Both absent: none
    // can be.
    std::shared_ptr<recording::RecordingStorage> recordings;
    std::shared_ptr<recording::LiveWatch> live_recordings;
    // Told when a grant that was signed offline was entered as a request; may be empty.
    std::function<void()> request_entered;
    // For people whose commands are approved one by one; nullptr: nobody connects so. Outlives the node.
    CommandDesk* command_desk = nullptr;
    // Told when sessions that an earlier run or a node that is gone had left were recorded as over, after the
    // node has started; may be empty.
    std::function<void()> leftovers_ended;
};

// Lives on the control thread: constructed, called and destroyed there, but for what says otherwise. Owns the
// worker threads. Order of life: construct, start, …, drain, destroy.
class Node final : public Control {
public:
    // `control` is the executor of an io_context that one thread runs. `clock`, `store` and `metrics` outlive
    // the node.
    Node(boost::asio::any_io_executor control, const Clock& clock, store::Store& store,
         metrics::Metrics& metrics, config::Config config, NodeOptions options);
    ~Node() override;

    // Terminates what an earlier run left behind, reads the grants, and opens the listeners: in this order.
    // The error says what could not be done; nothing is open then. Logs `listener.opened`.
    Awaitable<Result<void>> start();

    // Runs under this configuration from here on; sessions whose right it removes have been told to end when
    // this returns. The error says why it cannot; nothing has changed then. Not before start().
    Awaitable<Result<void>> use(config::Config config);
    // These grants were given, extended or revoked in the store. Returns as use() does.
    Awaitable<void> grants_changed(std::vector<store::GrantCountdown> grants);
    // Takes the store's whole list in place of what is known. Returns as use() does. unavailable: it could
    // not be read.
    Awaitable<Result<void>> read_grants_anew();

    // A way in for one session under a grant of use `script`. unavailable: the node is stopping, or has no
    // socket for it.
    Result<ScriptDoor> open_for_script(ScriptEntry entry);

    // Sessions of other nodes changed: whoever waits for a change is told.
    void sessions_changed();
    // Ends the backends that nodes which are gone have left on resources that this one has an administrative
    // login to, and records the end of their sessions. Of all nodes one does it.
    Awaitable<void> see_to_orphans();

    // Takes nobody new, lets sessions go on until their deadline or timeouts.drain, ends the rest, and
    // returns when all is over and recorded. Logs `node.draining`. hurry() skips the rest of the wait.
    Awaitable<void> drain();
    void hurry();

    // The text of /metrics, with what exists only at scrape time folded in.
    std::string exposition();

    // Listener names and the addresses that they really have (port 0 resolved).
    struct Opened {
        std::string listener;
        config::Endpoint address;
    };
    std::vector<Opened> opened() const;

    Awaitable<Result<store::GrantCountdown>> grant(store::NewGrant grant) override;
    Awaitable<Result<store::GrantCountdown>> revoke(GrantId id, Actor actor, std::string reason) override;
    Awaitable<Result<store::GrantCountdown>> extend(GrantId id, Duration by, Actor actor) override;
    Awaitable<std::vector<SessionView>> sessions() override;
    Awaitable<Result<void>> kill(SessionId id, Actor actor) override;
    Awaitable<NodeStatus> status() override;
    Awaitable<Result<Diagnosis>> diagnose(std::string resource) override;
    Awaitable<Result<void>> reload(std::string actor) override;
    Awaitable<std::uint64_t> wait_for_change(std::uint64_t seen) override;

    Awaitable<OfflineStatus> offline_grants() override;
    Awaitable<Result<OfflineTaken>> take_offline_grant(std::string text, std::string actor,
                                                       OfflineTrial trial) override;
    Awaitable<Result<store::GrantCountdown>> revoke_offline_grant(GrantId id, std::string actor,
                                                                  std::string reason) override;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace curfew::proxy
