// Checking who a person is, where Curfew does that itself (login: managed): SCRAM in PostgreSQL's messages.
// PostgreSQL documentation, "SASL Authentication".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/postgres/channel_binding.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/login_failure.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_attributes.hpp"
#include "protocol/postgres/scram_server.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::postgres {

// The longest body of a client's message in a SCRAM exchange: the longest SCRAM message, and the mechanism's
// name and a length before it. A longer one is refused unread, by reject_length().
inline constexpr std::uint32_t longest_password_message = longest_scram_message + 32;

// One authentication, as a state machine without I/O: send begin(), then feed it what the client sends and do
// what it answers. A wrong password and an unknown user look the same to the client, and take the same time.
class PersonAuthentication {
public:
    struct Send {
        std::string bytes;  // an AuthenticationSASLContinue; the client's turn is next
    };
    struct Accepted {
        std::string bytes;  // the AuthenticationSASLFinal; AuthenticationOk is the caller's to send
    };
    using Rejected = LoginFailure;  // 28P01, or 08P01 for what is no SCRAM client
    using Step = std::variant<Send, Accepted, Rejected>;

    // `user`: of the startup message. `known_user`: false where `verifier` is a mock_verifier. `binding`: of
    // the TLS connection to the client, nullopt without TLS.
    PersonAuthentication(std::string user, const ScramVerifier& verifier, bool known_user,
                         std::optional<ChannelBinding> binding, RandomBytes random = system_random);

    // The AuthenticationSASL that the exchange begins with.
    std::string begin() const;

    // Takes the client's next message. After Accepted and Rejected everything is rejected. Throws only if
    // `random` does.
    Step on_message(const Message& message);

    // What a client is told whose message is longer than longest_password_message, or has no length at all.
    static Rejected reject_length();

private:
    Step on_initial_response(std::string_view body);
    Step step(ScramServer& scram, std::optional<std::string_view> data);
    Rejected rejected(const ScramServer::Rejected& by_scram) const;

    std::string user_;
    ScramVerifier verifier_;
    bool known_user_;
    std::optional<ChannelBinding> binding_;
    RandomBytes random_;

    bool over_ = false;
    std::optional<ScramServer> scram_;  // once the client has chosen a mechanism
};

}  // namespace curfew::postgres
