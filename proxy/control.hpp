// What an administrator can see and do on a running node.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "policy/diagnosis.hpp"
#include "policy/end_cause.hpp"
#include "policy/recording_mode.hpp"
#include "proxy/offline_control.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

enum class SessionPhase {
    handshake,  // being authenticated
    live,
    ending,  // its right is over; its backend is not known to be gone yet
};
std::string_view to_string(SessionPhase phase);

// A session as it stands now.
struct SessionView {
    SessionId id;
    GrantId grant;
    std::string user;
    std::string resource;
    std::string database;
    std::string client_address;
    std::string application_name;
    SessionPhase phase{};
    bool winding_down = false;  // live, and no new transaction begins any more (Resource::wind_down)
    policy::RecordingMode recording = policy::RecordingMode::off;
    bool tls = false;
    std::int32_t backend_pid = 0;  // 0: not known yet
    WallInstant started_at;
    std::string node;           // that has it, where that is asked of several
    bool is_elsewhere = false;  // known from the store only: neither `winding_down`, `tls` nor bytes
    Duration remaining{};       // until its deadline, at the time of asking; negative while overstaying
    std::uint64_t bytes_from_client = 0;
    std::uint64_t bytes_to_client = 0;
    // What PostgreSQL does for it now, where that is recorded: redacted, and cut.
    struct Statement {
        std::string sql;
        WallInstant since;
    };
    std::optional<Statement> statement;
    std::optional<policy::EndCause> cause;  // once it is ending
    bool by_command = false;                // each of its commands is approved before it runs
    std::optional<RequestId> waiting_for;   // whose decision its client waits for
};

// The administrative connection to one resource's PostgreSQL, as it stands now.
struct AdminLoginStatus {
    std::string resource;
    bool up = false;
    WallInstant since;    // it is, or is not
    std::string problem;  // for people: what was the matter when last tried; empty while up, or not known yet
};

// A listener that is open, and where it really listens: port 0 of the configuration is a real one here.
struct ListenerStatus {
    std::string name;
    config::Endpoint address;
};

struct NodeStatus {
    std::string version;
    std::string node;
    WallInstant started_at;
    bool ready = false;                          // takes new sessions
    std::vector<std::string> not_ready_because;  // for people; empty when ready
    std::size_t sessions = 0;
    std::size_t unconfirmed_backends = 0;
    std::vector<ListenerStatus> listeners;
    std::vector<std::string> resources;
    std::vector<AdminLoginStatus> admin_logins;  // of the resources that have an admin_login, by name
    std::string config_file;
};

// What is wrong with one resource's PostgreSQL, and with the ways to it.
struct Diagnosis {
    std::string resource;
    WallInstant at;
    std::string server_version;             // `15.3`; empty: PostgreSQL could not be asked
    std::vector<policy::Finding> findings;  // the most serious first
};

// Everything here may be awaited on the control thread's executor only. `actor` is who asks, for the record.
class Control : public OfflineControl {
public:
    // invalid: the resource, user or group is not in the configuration (the message lists what is).
    virtual Awaitable<Result<store::GrantCountdown>> grant(store::NewGrant grant) = 0;
    // Returns once every session under the grant has been told to end; they may still be ending.
    virtual Awaitable<Result<store::GrantCountdown>> revoke(GrantId id, Actor actor, std::string reason) = 0;
    // Returns once the deadlines of live sessions have moved.
    virtual Awaitable<Result<store::GrantCountdown>> extend(GrantId id, Duration by, Actor actor) = 0;

    virtual Awaitable<std::vector<SessionView>> sessions() = 0;
    virtual Awaitable<Result<void>> kill(SessionId id, Actor actor) = 0;

    virtual Awaitable<NodeStatus> status() = 0;
    // Asks the resource's PostgreSQL, by the administrative login, what may be wrong with it. not_found:
    // there is no such resource here.
    virtual Awaitable<Result<Diagnosis>> diagnose(std::string resource) = 0;
    // Reads the configuration file again and applies it. The error lists every problem; nothing changed then.
    virtual Awaitable<Result<void>> reload(std::string actor) = 0;

    // Completes when sessions or grants have changed since `seen` (a number from an earlier call; 0 at
    // first), with the new number. At most 15 s; then with the same number.
    virtual Awaitable<std::uint64_t> wait_for_change(std::uint64_t seen) = 0;
};

}  // namespace curfew::proxy
