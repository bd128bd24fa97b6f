// Grants that approvers sign while no store answers: taken once, written down, and entered into the store
// when that is back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "metrics/metrics.hpp"
#include "policy/admission.hpp"
#include "proxy/offline_control.hpp"
#include "proxy/offline_journal.hpp"
#include "proxy/resource_set.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

// Belongs to the control thread.
class OfflineGrants {
public:
    // `clock` and `metrics` outlive it; `node` is this node's name.
    OfflineGrants(const Clock& clock, metrics::Metrics& metrics, std::string node);

    // Reads what was taken before, where the configuration has a section for it; else there is nothing here.
    Result<void> open(const config::Config& config);
    bool is_open() const noexcept { return journal_.has_value(); }
    const std::optional<OfflineJournal>& journal() const noexcept { return journal_; }

    struct Taken {
        OfflineTaken told;
        policy::LiveGrant live;  // meaningless where it was only looked at
    };
    // As OfflineControl::take_offline_grant says; whether the store answers is for the caller to know.
    Result<Taken> take(std::string_view text, const std::string& actor, OfflineTrial trial,
                       const Setup& setup);
    // It is told, by log and metric, that nothing was taken.
    void refused(const std::string& actor, const Error& error) const;

    Result<store::GrantCountdown> revoke(const GrantId& id, const std::string& actor,
                                         const std::string& reason);
    OfflineStatus status(const config::Config& config, bool store_answers) const;

    // Writes a session down that the store cannot be told of.
    Result<void> session_started(store::SessionRecord session);
    bool is_entered(const GrantId& grant) const;
    // The store does not know this session yet.
    bool holds(const SessionId& session) const;

    // Enters what the store does not have, in its order; `entered` is told each grant as it stands there. An
    // error leaves the rest for the next time.
    boost::asio::awaitable<Result<void>> enter(store::Store& store, std::shared_ptr<const Setup> setup,
                                               std::function<void(const store::GrantCountdown&)> entered);

private:
    boost::asio::awaitable<Result<store::GrantCountdown>> enter_grant(store::Store& store,
                                                                      std::shared_ptr<const Setup> setup,
                                                                      OfflineRecord record);
    boost::asio::awaitable<Result<void>> enter_sessions(store::Store& store);
    OfflineGrantView view_of(const OfflineRecord& record) const;
    void report() const;

    const Clock& clock_;
    metrics::Metrics& metrics_;
    const std::string node_;
    const std::string boot_ = this_boot();
    std::optional<OfflineJournal> journal_;
};

}  // namespace curfew::proxy
