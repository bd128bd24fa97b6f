// Why a connection did not become a session.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/postgres/login_failure.hpp"

namespace curfew::proxy {

// The client is told. `reason` is a fixed word for metrics and the log; `detail` is for the log alone.
struct Refusal {
    std::string bytes;  // the ErrorResponse
    std::string reason;
    std::string detail;
};

// A FATAL of ours.
Refusal refuse(std::string_view sqlstate, std::string message, std::string reason, std::string detail = {},
               std::string hint = {});
Refusal refuse(const postgres::LoginFailure& failure, std::string reason);

// There is nobody to tell, or nothing that can be said.
struct Dropped {
    std::string reason;  // a fixed word: `client_closed`, `tls_error`, `protocol_error`, `interrupted`, …
    std::string detail;
};

using Failure = std::variant<Refusal, Dropped>;
// What a step towards a session gives where it has no result of its own.
using Unless = std::optional<Failure>;

}  // namespace curfew::proxy
