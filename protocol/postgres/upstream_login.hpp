// Logging in to PostgreSQL with a role of Curfew's own: from the StartupMessage to AuthenticationOk.
// PostgreSQL documentation, "Protocol Flow: Start-up".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/secret.hpp"
#include "protocol/postgres/channel_binding.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_client.hpp"

namespace curfew::postgres {

// Who may overhear what is said to the server.
enum class Privacy {
    none,       // anybody: TCP without TLS
    encrypted,  // whoever passes for the server: TLS, its certificate not verified
    verified,   // nobody: TLS with the certificate verified, or a Unix socket
};

// One login, as a state machine without I/O: send the StartupMessage, then feed it what the server sends and
// do what it answers.
//
// Does SCRAM-SHA-256 (bound to the channel where both sides can), MD5, and cleartext where nobody overhears;
// takes being let in at once (trust, peer, a client certificate). A server that began a SCRAM exchange must
// end it with its own proof.
class UpstreamLogin {
public:
    struct Send {
        Secret bytes;  // may be the password: reveal them to the socket alone; the server's turn is next
    };
    struct Wait {};  // nothing to do: the server's turn again
    struct Authenticated {};
    // Close. Both are for the log: a client is told no more than that the login failed.
    struct Failed {
        std::string reason;
        std::optional<std::string> sqlstate;  // of the server's ErrorResponse, if it was that
    };
    using Step = std::variant<Send, Wait, Authenticated, Failed>;

    // `password`: nullopt or empty if none is configured. `binding`: of the TLS connection to the server;
    // nullopt without TLS.
    UpstreamLogin(std::string user, std::optional<Secret> password, std::optional<ChannelBinding> binding,
                  Privacy privacy, RandomBytes random = system_random);

    // Takes the server's next message, of at most longest_login_message bytes. A SCRAM challenge takes about
    // a millisecond to answer, and up to half a second (most_scram_iterations). After Authenticated and
    // Failed everything fails. Throws only if `random` does.
    Step on_message(const Message& message);

private:
    Step on_authentication(std::string_view body);
    Step on_method(AuthenticationCode code, std::string_view rest);
    Step on_ok(std::string_view rest) const;
    Step on_cleartext() const;
    Step on_md5(std::string_view salt) const;
    Step on_sasl(std::string_view list);
    Step on_sasl_continue(std::string_view data);
    Step on_sasl_final(std::string_view data);

    std::string user_;
    std::optional<Secret> password_;
    std::optional<ChannelBinding> binding_;
    Privacy privacy_;
    RandomBytes random_;

    bool asked_ = false;  // the server has named its method
    bool over_ = false;
    std::optional<ScramClient> scram_;
};

}  // namespace curfew::postgres
