#include "proxy/recording_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace curfew::proxy {
namespace {

postgres::TapPlan::Limits limits_of(const config::Recordings& settings, policy::RecordingMode mode) {
    constexpr std::uint64_t most = 0x7FFFFFFF;  // that a message can have
    postgres::TapPlan::Limits limits;
    limits.statement_bytes = static_cast<std::uint32_t>(std::min(settings.statement_bytes, most));
    if (mode == policy::RecordingMode::full)
        limits.result_bytes = static_cast<std::uint32_t>(std::min(settings.result_bytes, most));
    return limits;
}

}  // namespace

RecordingRules::Plans::Plans(const config::Recordings& settings, policy::RecordingMode mode)
    : from_client{postgres::TapPlan::from_client(limits_of(settings, mode))},
      from_server{postgres::TapPlan::from_server(limits_of(settings, mode))} {}

RecordingRules::RecordingRules(const config::Recordings& settings, recording::Redactor what_is_left_out)
    : redactor{std::make_shared<const recording::Redactor>(std::move(what_is_left_out))},
      statements{settings, policy::RecordingMode::statements},
      full{settings, policy::RecordingMode::full},
      max_wait{settings.max_wait},
      on_failure{settings.on_failure} {}

Result<std::shared_ptr<const RecordingRules>> RecordingRules::make(const config::Recordings& settings) {
    auto redactor = recording::Redactor::compile(settings.redact);
    if (!redactor) return redactor.error();
    return std::make_shared<const RecordingRules>(settings, std::move(*redactor));
}

}  // namespace curfew::proxy
