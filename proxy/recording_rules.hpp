// What of recorded sessions is listened to and written down, as one configuration has it.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/recordings.hpp"
#include "policy/recording_mode.hpp"
#include "protocol/postgres/message_tap.hpp"
#include "recording/redaction.hpp"

namespace curfew::proxy {

// Immutable; shared by the threads.
struct RecordingRules {
    struct Plans {
        Plans(const config::Recordings& settings, policy::RecordingMode mode);

        postgres::TapPlan from_client;
        postgres::TapPlan from_server;
    };
    // invalid: a pattern of what is to be left out is none.
    static Result<std::shared_ptr<const RecordingRules>> make(const config::Recordings& settings);
    RecordingRules(const config::Recordings& settings, recording::Redactor what_is_left_out);

    const Plans& plans(policy::RecordingMode mode) const {
        return mode == policy::RecordingMode::full ? full : statements;
    }

    std::shared_ptr<const recording::Redactor> redactor;
    Plans statements;
    Plans full;
    Duration max_wait;  // of a session until what it relays can be taken down; then its recording has failed
    config::OnRecordingFailure on_failure;
};

}  // namespace curfew::proxy
