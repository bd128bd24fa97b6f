// SCRAM-SHA-256 as the client: Curfew logs in to PostgreSQL. RFC 5802, RFC 7677.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "protocol/postgres/channel_binding.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_crypto.hpp"
#include "protocol/postgres/scram_mechanism.hpp"

namespace curfew::postgres {

// The most iterations that a server may ask for: about half a second of one core. Without a bound a hostile
// one could keep us hashing for hours.
inline constexpr int most_scram_iterations = 1'000'000;

// One exchange, as a state machine without I/O. In order: client_first, on_server_first, on_server_final;
// then server_proven() must be true before AuthenticationOk is believed. A server that skips the last step
// has not shown that it knows the password, and may be anybody.
//
// Errors say what the server did wrong; they hold no secret. After an error everything fails.
class ScramClient {
public:
    // `binding`: of the TLS connection; nullopt without TLS. With a binding and a server that offers PLUS,
    // PLUS is what mechanism() says; choose_scram_mechanism agrees.
    ScramClient(Secret password, std::optional<ChannelBinding> binding, bool server_offers_plus,
                RandomBytes random = system_random);

    // The mechanism to name in the SASLInitialResponse.
    ScramMechanism mechanism() const noexcept { return mechanism_; }

    // The data of the SASLInitialResponse. Once. Throws only if `random` does.
    std::string client_first();
    // From AuthenticationSASLContinue to the data of the SASLResponse. Hashes the password: takes about a
    // millisecond for PostgreSQL's 4096 iterations, and up to half a second.
    Result<std::string> on_server_first(std::string_view message);
    // From AuthenticationSASLFinal.
    Result<void> on_server_final(std::string_view message);

    // Whether the server has proven that it, too, knows the password.
    bool server_proven() const noexcept { return state_ == State::server_proven; }

private:
    enum class State { begun, server_first_awaited, server_final_awaited, server_proven, failed };

    std::string gs2_header() const;

    Secret password_;
    std::optional<ChannelBinding> binding_;
    ScramMechanism mechanism_;
    RandomBytes random_;

    State state_ = State::begun;
    std::string nonce_;
    std::string client_first_bare_;
    Digest server_signature_{};  // what the server must send
};

}  // namespace curfew::postgres
