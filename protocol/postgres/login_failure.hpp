// Why a login comes to nothing: what the client is told stands apart from what the log is told.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {

// Ours: send a FATAL and close. Neither text holds a secret; what came from outside is made printable.
struct LoginFailure {
    std::string_view sqlstate;
    std::string message;  // for the client
    std::string reason;   // for the log
};

// PostgreSQL's: it said no by an ErrorResponse.
struct ServerRefusal {
    std::string bytes;     // the ErrorResponse, to be passed on as it is
    std::string sqlstate;  // 5 characters; empty if it gave none that can be one
    std::string reason;    // for the log: `FATAL 3D000: database "nosuch" does not exist`
};

// Reads an ErrorResponse; nullopt if it is malformed.
std::optional<ServerRefusal> read_refusal(const Message& error_response);

// 08P01: a message of this type came from the client where its password or SASL response must come.
LoginFailure not_a_password(char type);

// 08P01: PostgreSQL broke the protocol during the login; `what` it did continues "the PostgreSQL server …".
// The client learns no more than that.
LoginFailure server_violation(std::string_view what);

// `message of type 'Q'`, printable whatever the type.
std::string name_of_type(char type);

}  // namespace curfew::postgres
