// Server processes that work as a governed role although no session of Curfew's has them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace curfew::policy {

// The roles of one resource that nobody may work as without a session of Curfew's.
struct GovernedRoles {
    std::vector<std::string> names;  // each once
    // Nobody but Curfew has to know a password of theirs; else they are people's own.
    bool shared = false;
    // And all roles whose names match this regular expression of PostgreSQL's, which come and go; empty:
    // none.
    std::string pattern = {};

    bool empty() const noexcept { return names.empty() && pattern.empty(); }
};

// A server process, as PostgreSQL knows it. pids are reused; pid with start is not.
struct BackendKey {
    std::int32_t pid = 0;
    std::string started;  // as pg_stat_activity's backend_start is kept: texts of one form

    auto operator<=>(const BackendKey&) const = default;
};

// A server process that works as a governed role.
struct SeenBackend {
    BackendKey key;
    std::string role;
    std::string database;
    std::string client_address;  // empty: by Unix socket
    std::string application_name;
};

// One resource's, from comparison to comparison. Between a backend's login and the record of its session lies
// the rest of the session's opening: what is seen once is nobody's bypass yet.
class UngovernedBackends {
public:
    // Of `seen`, those whose session is to be looked for: what was found to have one is believed to have it
    // for `believed_for`, so that a fleet at rest asks its store for nothing.
    std::vector<SeenBackend> to_look_for(const std::vector<SeenBackend>& seen, BootInstant now) const;

    struct Change {
        std::vector<SeenBackend> appeared;  // ungoverned for certain, from now on
        std::vector<SeenBackend> gone;      // no longer there, or a session has it now
    };
    // `seen`: all that there are. `recorded`: the backends of sessions that are not over, on any node, looked
    // up after `seen` was; one without a start has every backend of its pid. `settling`: how long the opening
    // of a session can take at most.
    Change compare(const std::vector<SeenBackend>& seen, const std::vector<BackendKey>& recorded,
                   BootInstant now, Duration settling);

    // Those that are ungoverned for certain, by pid.
    std::vector<SeenBackend> ungoverned() const;
    std::size_t count() const noexcept { return certain_; }

    static constexpr Duration believed_for = std::chrono::minutes{2};

private:
    struct Suspect {
        SeenBackend backend;
        BootInstant first_seen;
        bool certain = false;
    };

    bool is_believed(const BackendKey& key, BootInstant now) const;

    std::map<BackendKey, BootInstant> governed_;  // since when
    std::map<BackendKey, Suspect> suspects_;
    std::size_t certain_ = 0;
};

}  // namespace curfew::policy
