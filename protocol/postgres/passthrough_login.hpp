// Letting the client log in to PostgreSQL itself (login: passthrough): its messages are relayed, and nothing
// else gets through. PostgreSQL documentation, "Protocol Flow: Start-up".
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/secret.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/login_failure.hpp"

namespace curfew::postgres {

// One login, as a state machine without I/O, from the StartupMessage sent upstream to AuthenticationOk: feed
// it what either side sends (whole messages of at most longest_login_message bytes) and do what it answers.
//
// Every method is relayed as the two sides speak it, save one: SCRAM-SHA-256-PLUS is taken off the server's
// offer, because it binds the login to a TLS connection, and here the client and the server are at the ends
// of two. If PostgreSQL asks for a cleartext password it is relayed as well, even from a client without TLS:
// who may do that is decided in pg_hba.conf and by the listener's tls.mode.
class PassthroughLogin {
public:
    enum class Turn {
        client,
        server,
        either,  // in the middle of GSSAPI only the two of them know
    };

    struct ToClient {
        std::string bytes;
    };
    struct ToServer {
        Secret bytes;  // may be a password: reveal them to the socket alone
    };
    struct Wait {};  // the message was not for the client; nothing to do
    struct Authenticated {
        std::string bytes;  // the AuthenticationOk, to be passed on
    };
    using Refused = ServerRefusal;
    using Failed = LoginFailure;
    using ServerStep = std::variant<ToClient, Wait, Authenticated, Refused, Failed>;
    using ClientStep = std::variant<ToServer, Failed>;

    // From whom the next message must come. Whatever the turn, the server may send an ErrorResponse, and goes
    // away when it wants to.
    Turn turn() const noexcept { return turn_; }

    // NoticeResponse is dropped: clients do not expect one so early. So is NegotiateProtocolVersion: what is
    // spoken there is between Curfew and the server. After Authenticated, Refused and Failed all fails.
    ServerStep on_server(const Message& message);
    ClientStep on_client(const Message& message);

private:
    ServerStep on_authentication(const Message& message);
    ServerStep on_sasl(std::string_view list);
    ServerStep ask_client(const Message& message, Turn next);

    Turn turn_ = Turn::server;
    bool over_ = false;
    bool sasl_begins_ = false;    // the client's next message is a SASLInitialResponse
    bool plus_withheld_ = false;  // the server offered channel binding, and the client was not told
};

}  // namespace curfew::postgres
