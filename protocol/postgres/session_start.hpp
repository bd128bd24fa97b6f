// What PostgreSQL says between AuthenticationOk and its first ReadyForQuery.
// PostgreSQL documentation, "Protocol Flow: Start-up".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/login_failure.hpp"
#include "protocol/postgres/messages.hpp"

namespace curfew::postgres {

// That stretch of one connection, as a state machine without I/O: feed it what the server sends (whole
// messages of at most longest_login_message bytes) and do what it answers.
class SessionStart {
public:
    struct ToClient {
        std::string bytes;  // ParameterStatus or NoticeResponse
    };
    struct Hold {};  // BackendKeyData, kept here; NegotiateProtocolVersion, forgotten
    struct Ready {   // the ReadyForQuery, which is the caller's to pass on when all else is done
        char status;
    };
    using Refused = ServerRefusal;
    using Failed = LoginFailure;
    using Step = std::variant<ToClient, Hold, Ready, Refused, Failed>;

    // After Ready, Refused and Failed everything fails.
    Step on_message(const Message& message);

    // PostgreSQL's own cancel key: never passed on. nullopt while it has not come; a server may send none.
    const std::optional<BackendKey>& backend_key() const noexcept { return backend_key_; }
    // As PostgreSQL reads what the client sends; empty while it has not said so.
    const std::string& client_encoding() const noexcept { return client_encoding_; }
    const std::string& standard_conforming_strings() const noexcept { return standard_conforming_strings_; }

private:
    void keep_parameter(std::string_view body);
    Step on_backend_key(std::string_view body);
    Step on_ready(std::string_view body) const;

    bool over_ = false;
    std::optional<BackendKey> backend_key_;
    std::string client_encoding_;
    std::string standard_conforming_strings_;
};

}  // namespace curfew::postgres
