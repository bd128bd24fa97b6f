// SCRAM-SHA-256 as the server: Curfew checks who a person is. RFC 5802, RFC 7677; what those leave open is
// done as PostgreSQL's auth-scram.c does it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/postgres/channel_binding.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_mechanism.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::postgres {

// One exchange, as a state machine without I/O: feed it what the client sends, do what it answers. The client
// learns nothing but success or failure; which check failed is for the log alone.
class ScramServer {
public:
    // Send in an AuthenticationSASLContinue, then feed the SASLResponse.
    struct Challenge {
        std::string message;
    };
    // Send in an AuthenticationSASLFinal, then AuthenticationOk: the client knows the password.
    struct Accepted {
        std::string message;
    };
    // Send a FATAL, the same one whoever the user is, and close.
    struct Rejected {
        enum class Kind {
            protocol_violation,     // 08P01: not a SCRAM client, or a broken one
            authentication_failed,  // 28P01: wrong password, unknown user, wrong channel
        };
        Kind kind;
        std::string_view reason;  // for the log; text of ours, holds nothing that the client sent
    };
    using Outcome = std::variant<Challenge, Accepted, Rejected>;

    // `known_user`: false with a mock_verifier; the exchange then fails at its end, whatever the proof.
    // `mechanism`: the one that the client chose. `binding`: of the TLS connection; given exactly if PLUS was
    // offered.
    ScramServer(const ScramVerifier& verifier, bool known_user, ScramMechanism mechanism,
                std::optional<ChannelBinding> binding, RandomBytes random = system_random);

    // Takes the next message of the client: first the data of its SASLInitialResponse (nullopt if it brought
    // none), then SASLResponses. After Accepted and Rejected everything is rejected. Throws only if `random`
    // does.
    Outcome step(std::optional<std::string_view> message);

private:
    enum class State { begun, client_first_awaited, client_final_awaited, over };

    Outcome on_client_first(std::string_view message);
    std::optional<Rejected> check_channel_binding_flag(std::string_view gs2_header) const;
    Challenge challenge(std::string_view client_nonce);
    Outcome on_client_final(std::string_view message);

    ScramVerifier verifier_;
    bool known_user_;
    ScramMechanism mechanism_;
    std::optional<ChannelBinding> binding_;
    RandomBytes random_;

    State state_ = State::begun;
    std::string client_first_bare_;
    std::string channel_binding_;  // what `c=` must be
    std::string nonce_;            // the client's and ours, what `r=` must be
    std::string server_first_;
};

}  // namespace curfew::postgres
