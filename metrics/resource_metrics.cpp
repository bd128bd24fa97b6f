#include "metrics/resource_metrics.hpp"

#include <algorithm>
#include <chrono>

namespace curfew::metrics {
namespace {

using policy::EndCause;

constexpr EndCause all_causes[] = {
    EndCause::grant_expired,    EndCause::grant_revoked, EndCause::session_killed,   EndCause::user_removed,
    EndCause::resource_removed, EndCause::store_lost,    EndCause::recording_failed, EndCause::node_stopping,
    EndCause::node_crashed,     EndCause::client_closed, EndCause::server_closed,    EndCause::failed};
static_assert(std::size(all_causes) == static_cast<std::size_t>(EndCause::failed) + 1,
              "every cause has its series from the start");

constexpr std::string_view prepared_transaction = "prepared_transaction";

}  // namespace

double seconds(Duration duration) {
    return std::max(0.0, std::chrono::duration<double>(duration).count());
}

RegisteredResource::RegisteredResource(Catalogue& catalogue, const std::string& name)
    : sessions_{catalogue.sessions.Add({{"resource", label_value(name)}})},
      lived_{catalogue.session_seconds.Add({{"resource", label_value(name)}}, session_buckets())},
      from_client_{
          catalogue.relayed_bytes.Add({{"resource", label_value(name)}, {"direction", "from_client"}})},
      to_client_{catalogue.relayed_bytes.Add({{"resource", label_value(name)}, {"direction", "to_client"}})},
      backends_unconfirmed_{catalogue.backends_unconfirmed.Add({{"resource", label_value(name)}})},
      backend_ends_unconfirmed_{catalogue.backend_ends_unconfirmed.Add({{"resource", label_value(name)}})},
      handshake_{catalogue.handshake_seconds.Add({{"resource", label_value(name)}}, handshake_buckets())},
      admin_connection_up_{catalogue.admin_connection_up},
      label_{label_value(name)},
      ungoverned_backends_{catalogue.ungoverned_backends.Add({{"resource", label_value(name)}})},
      transactions_left_behind_{catalogue.left_behind.Add(
          {{"resource", label_value(name)}, {"kind", std::string{prepared_transaction}}})},
      slots_left_behind_{
          catalogue.left_behind.Add({{"resource", label_value(name)}, {"kind", "replication_slot"}})},
      ephemeral_roles_{catalogue.ephemeral_roles.Add({{"resource", label_value(name)}})},
      ephemeral_roles_undropped_{catalogue.ephemeral_roles_undropped.Add({{"resource", label_value(name)}})},
      commands_free_{catalogue.commands.Add({{"resource", label_value(name)}, {"outcome", "free"}})},
      commands_approved_{catalogue.commands.Add({{"resource", label_value(name)}, {"outcome", "approved"}})},
      commands_refused_{catalogue.commands.Add({{"resource", label_value(name)}, {"outcome", "refused"}})},
      commands_withdrawn_{
          catalogue.commands.Add({{"resource", label_value(name)}, {"outcome", "withdrawn"}})},
      commands_asked_{catalogue.commands_asked.Add({{"resource", label_value(name)}})},
      commands_waiting_{catalogue.commands_waiting.Add({{"resource", label_value(name)}})} {
    for (const EndCause cause : all_causes) {
        prometheus::Labels labels{{"resource", label_value(name)}, {"cause", std::string{to_string(cause)}}};
        ByCause series{};
        series.ended = &catalogue.sessions_ended.Add(labels);
        labels["side"] = "client";
        series.client_overstay = &catalogue.overstay_seconds.Add(labels, overstay_buckets());
        labels["side"] = "backend";
        series.backend_overstay = &catalogue.overstay_seconds.Add(labels, overstay_buckets());
        by_cause_.emplace(cause, series);
    }
}

void RegisteredResource::session_started() {
    sessions_.Increment();
}

void RegisteredResource::session_ended(EndCause cause, Duration lived) {
    sessions_.Decrement();
    by_cause_.at(cause).ended->Increment();
    lived_.Observe(seconds(lived));
}

void RegisteredResource::bytes_relayed(std::uint64_t from_client, std::uint64_t to_client) {
    if (from_client > 0) from_client_.Increment(static_cast<double>(from_client));
    if (to_client > 0) to_client_.Increment(static_cast<double>(to_client));
}

void RegisteredResource::client_overstayed(EndCause cause, Duration overstay) {
    by_cause_.at(cause).client_overstay->Observe(seconds(overstay));
}

void RegisteredResource::backend_overstayed(EndCause cause, Duration overstay) {
    by_cause_.at(cause).backend_overstay->Observe(seconds(overstay));
}

void RegisteredResource::unconfirmed_backends_changed(int by) {
    backends_unconfirmed_.Increment(by);
}

void RegisteredResource::backend_end_unconfirmed() {
    backend_ends_unconfirmed_.Increment();
}

void RegisteredResource::handshake_took(Duration duration) {
    handshake_.Observe(seconds(duration));
}

void RegisteredResource::admin_connection_up(bool up) {
    admin_connection_up_.Add({{"resource", label_}}).Set(up ? 1 : 0);
}

void RegisteredResource::ungoverned_backends(std::size_t count) {
    ungoverned_backends_.Set(static_cast<double>(count));
}

void RegisteredResource::left_behind(std::string_view kind) {
    (kind == prepared_transaction ? transactions_left_behind_ : slots_left_behind_).Increment();
}

void RegisteredResource::ephemeral_roles(std::size_t there, std::size_t undropped) {
    ephemeral_roles_.Set(static_cast<double>(there));
    ephemeral_roles_undropped_.Set(static_cast<double>(undropped));
}

void RegisteredResource::command(CommandOutcome outcome) {
    switch (outcome) {
        case CommandOutcome::free:
            return commands_free_.Increment();
        case CommandOutcome::approved:
            return commands_approved_.Increment();
        case CommandOutcome::refused:
            return commands_refused_.Increment();
        case CommandOutcome::withdrawn:
            return commands_withdrawn_.Increment();
    }
}

void RegisteredResource::commands_waiting_changed(int by) {
    if (by > 0) commands_asked_.Increment(by);
    commands_waiting_.Increment(by);
}

}  // namespace curfew::metrics
