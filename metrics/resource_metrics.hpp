// The metrics of one resource, every series of it looked up once.
#pragma once

#include <map>
#include <string>

#include "metrics/catalogue.hpp"
#include "metrics/metrics.hpp"

namespace curfew::metrics {

// Every counter exists from the start, at 0: a rate over one that springs into being at 1 misses that 1.
class RegisteredResource final : public ResourceMetrics {
public:
    RegisteredResource(Catalogue& catalogue, const std::string& name);

    void session_started() override;
    void session_ended(policy::EndCause cause, Duration lived) override;
    void bytes_relayed(std::uint64_t from_client, std::uint64_t to_client) override;
    void client_overstayed(policy::EndCause cause, Duration overstay) override;
    void backend_overstayed(policy::EndCause cause, Duration overstay) override;
    void unconfirmed_backends_changed(int by) override;
    void backend_end_unconfirmed() override;
    void handshake_took(Duration duration) override;
    void admin_connection_up(bool up) override;
    void ungoverned_backends(std::size_t count) override;
    void left_behind(std::string_view kind) override;
    void ephemeral_roles(std::size_t there, std::size_t undropped) override;
    void command(CommandOutcome outcome) override;
    void commands_waiting_changed(int by) override;

private:
    struct ByCause {
        prometheus::Counter* ended;
        prometheus::Histogram* client_overstay;
        prometheus::Histogram* backend_overstay;
    };

    prometheus::Gauge& sessions_;
    prometheus::Histogram& lived_;
    prometheus::Counter& from_client_;
    prometheus::Counter& to_client_;
    prometheus::Gauge& backends_unconfirmed_;
    prometheus::Counter& backend_ends_unconfirmed_;
    prometheus::Histogram& handshake_;
    GaugeFamily& admin_connection_up_;  // without an `admin_login` there is nothing to be up or down
    const std::string label_;
    prometheus::Gauge& ungoverned_backends_;
    prometheus::Counter& transactions_left_behind_;
    prometheus::Counter& slots_left_behind_;
    prometheus::Gauge& ephemeral_roles_;
    prometheus::Gauge& ephemeral_roles_undropped_;
    prometheus::Counter& commands_free_;
    prometheus::Counter& commands_approved_;
    prometheus::Counter& commands_refused_;
    prometheus::Counter& commands_withdrawn_;
    prometheus::Counter& commands_asked_;
    prometheus::Gauge& commands_waiting_;
    std::map<policy::EndCause, ByCause> by_cause_;  // complete and never changed after construction
};

// For a histogram or a counter; never negative, as clocks read on two threads may differ by a hair.
double seconds(Duration duration);

}  // namespace curfew::metrics
