// The first packets of a client: plaintext, TLS either way, and clients that are none.
#include "proxy/greeting.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include "message_stream.hpp"
#include "sockets.hpp"

namespace curfew::test {
namespace {

using config::ClientTls;
using postgres::CancelRequest;
using postgres::StartupMessage;
using proxy::Dropped;
using proxy::Greeted;
using proxy::Refusal;
using proxy::Stream;
using testing::HasSubstr;
using Status = Stream::Status;

const std::string startup_packet = wire::startup({{"user", "alice"}, {"database", "db"}});

// A TLS client that offers this protocol by ALPN, or none.
proxy::TlsContext context_offering(std::string_view protocol) {
    proxy::TlsContext context{SSL_CTX_new(TLS_client_method())};
    const std::string list = static_cast<char>(protocol.size()) + std::string{protocol};
    if (!protocol.empty())
        SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(list.data()),
                                static_cast<unsigned>(list.size()));
    return context;
}

class Greeting : public testing::Test {
protected:
    Loop loop;
    StreamPair pair = local_pair(loop, Transport::plaintext, 400'000);
    const proxy::TlsContext server = server_context();
    const proxy::TlsContext client = client_context();
    std::future<Greeted> greeting;

    void begin(ClientTls mode) {
        SSL_CTX* context = mode == ClientTls::disable ? nullptr : server.get();
        greeting = loop.start(proxy::greet(pair.server, mode, context));
    }
    void send(std::string_view bytes) {
        ASSERT_EQ(loop.run(pair.client.write_all(bytes)), Status::ok);
        loop.settle();
    }
    // Sends a request, expects this answer to it.
    void ask(std::string_view request, std::string_view answer) {
        send(request);
        ASSERT_EQ(take(pair.client), answer);
    }
    Result<void> shake_hands(SSL_CTX* context) {
        Result<void> shaken = loop.run(pair.client.connect_tls(context, "localhost", false));
        loop.settle();
        return shaken;
    }
    // As a client with TLS, up to its startup message.
    void start_tls() {
        ask(wire::ssl_request(), "S");
        ASSERT_TRUE(shake_hands(client.get()));
    }

    Greeted result() { return loop.finish(greeting); }
    void expect_startup() {
        const Greeted greeted = result();
        const auto* message = std::get_if<StartupMessage>(&greeted);
        ASSERT_NE(message, nullptr);
        EXPECT_EQ(message->user, "alice");
        EXPECT_EQ(message->database, "db");
    }
    // The refusal's SQLSTATE; empty if it is none.
    std::string refused() {
        const Greeted greeted = result();
        const auto* refusal = std::get_if<Refusal>(&greeted);
        if (refusal == nullptr) return "";
        EXPECT_EQ(refusal->reason, "protocol_error");
        const Parsed parsed = parse(refusal->bytes);
        EXPECT_EQ(parsed.types(), "E");
        return wire::report_fields(parsed.messages.at(0)).at('C');
    }
    // Why it was dropped; empty if it was not.
    std::string dropped() {
        const Greeted greeted = result();
        const auto* drop = std::get_if<Dropped>(&greeted);
        return drop == nullptr ? "" : drop->reason;
    }
};

TEST_F(Greeting, TakesAStartupMessageInPlaintext) {
    for (const ClientTls mode : {ClientTls::disable, ClientTls::allow}) {
        begin(mode);
        send(startup_packet);
        expect_startup();
        EXPECT_EQ(take(pair.client), "");
    }
}

TEST_F(Greeting, ReadsNothingBehindTheStartupMessage) {
    begin(ClientTls::disable);
    send(startup_packet + wire::password("too soon"));
    expect_startup();
    EXPECT_EQ(take(pair.server), wire::password("too soon"));
}

TEST_F(Greeting, RefusesPlaintextWhereTlsIsRequired) {
    begin(ClientTls::require);
    send(startup_packet);
    EXPECT_EQ(refused(), "28000");
}

TEST_F(Greeting, TakesAStartupMessageInTls) {
    for (const ClientTls mode : {ClientTls::allow, ClientTls::require}) {
        pair = local_pair(loop, Transport::plaintext);
        begin(mode);
        start_tls();
        send(startup_packet);
        expect_startup();
    }
}

TEST_F(Greeting, TakesAClientThatBeginsWithTls) {
    begin(ClientTls::require);
    ASSERT_TRUE(shake_hands(client.get()));
    send(startup_packet);
    expect_startup();
    EXPECT_TRUE(pair.server.encrypted());
}

TEST_F(Greeting, DropsAClientThatBeginsWithTlsAndSaysNoProtocol) {
    const auto nothing = context_offering("");
    begin(ClientTls::require);
    ASSERT_TRUE(shake_hands(nothing.get()));
    EXPECT_EQ(dropped(), "tls_error");
}

TEST_F(Greeting, DropsAClientThatBeginsWithTlsAndMeansAnotherProtocol) {
    const auto web = context_offering("h2");
    begin(ClientTls::require);
    EXPECT_FALSE(shake_hands(web.get()));
    EXPECT_EQ(dropped(), "tls_error");
}

// libpq before 17 offers none.
TEST_F(Greeting, AsksForNoAlpnFromAClientThatAskedForTls) {
    const auto nothing = context_offering("");
    begin(ClientTls::require);
    ask(wire::ssl_request(), "S");
    ASSERT_TRUE(shake_hands(nothing.get()));
    send(startup_packet);
    expect_startup();
}

TEST_F(Greeting, RefusesTlsThatTheListenerDoesNotSpeak) {
    begin(ClientTls::disable);
    auto shaking = loop.start(pair.client.connect_tls(client.get(), "localhost", false));
    EXPECT_EQ(refused(), "08P01");
    pair.server.close();
    EXPECT_FALSE(loop.finish(shaking));
}

TEST_F(Greeting, SaysThatItDoesNotSpeakTlsAndGoesOn) {
    begin(ClientTls::disable);
    ask(wire::ssl_request(), "N");
    ask(wire::gssenc_request(), "N");
    send(startup_packet);
    expect_startup();
}

TEST_F(Greeting, AnswersBothRequestsInEitherOrder) {
    begin(ClientTls::allow);
    ask(wire::gssenc_request(), "N");
    start_tls();
    send(startup_packet);
    expect_startup();
}

TEST_F(Greeting, RefusesARequestThatIsMadeTwice) {
    begin(ClientTls::disable);
    ask(wire::ssl_request(), "N");
    send(wire::ssl_request());
    EXPECT_EQ(refused(), "08P01");

    begin(ClientTls::disable);
    ask(wire::gssenc_request(), "N");
    send(wire::gssenc_request());
    EXPECT_EQ(refused(), "08P01");
}

TEST_F(Greeting, RefusesRequestsInsideTls) {
    for (const std::string& request : {wire::ssl_request(), wire::gssenc_request()}) {
        pair = local_pair(loop, Transport::plaintext);
        begin(ClientTls::allow);
        start_tls();
        send(request);
        EXPECT_EQ(refused(), "08P01");
    }
}

// CVE-2021-23214: they would be taken for bytes that TLS protects.
TEST_F(Greeting, RefusesBytesBehindARequestForEncryption) {
    for (const std::string& request : {wire::ssl_request(), wire::gssenc_request()}) {
        pair = local_pair(loop, Transport::plaintext);
        begin(ClientTls::allow);
        send(request + startup_packet);
        EXPECT_EQ(take(pair.client), "");
        EXPECT_EQ(refused(), "08P01");
    }
}

// Those that come while the answer is under way are in the handshake's way.
TEST_F(Greeting, DropsAClientThatSpeaksPlaintextWhereTlsWasAgreedOn) {
    begin(ClientTls::allow);
    ask(wire::ssl_request(), "S");
    send(startup_packet);
    EXPECT_EQ(dropped(), "tls_error");
}

TEST_F(Greeting, TakesACancelRequestWhateverTheListenerDemands) {
    for (const ClientTls mode : {ClientTls::disable, ClientTls::require}) {
        begin(mode);
        send(wire::cancel_request(4711, "four"));
        const Greeted greeted = result();
        const auto* request = std::get_if<CancelRequest>(&greeted);
        ASSERT_NE(request, nullptr);
        EXPECT_EQ(request->process_id, 4711);
        EXPECT_EQ(request->secret, "four");
    }
}

TEST_F(Greeting, TakesACancelRequestInTls) {
    begin(ClientTls::require);
    start_tls();
    send(wire::cancel_request(4711, std::string(32, 'k')));
    EXPECT_TRUE(std::holds_alternative<CancelRequest>(result()));
}

TEST_F(Greeting, RefusesWhatIsNoStartupPacket) {
    const std::string_view nothing_of_the_sort[]{
        "GET / HTTP/1.1\r\n\r\n",
        {"\0\0\0\x04", 4},
        {"\0\0\x27\x15", 4},  // 10,005
        {"\xff\xff\xff\xff", 4},
    };
    for (const std::string_view bytes : nothing_of_the_sort) {
        pair = local_pair(loop, Transport::plaintext);
        begin(ClientTls::allow);
        send(bytes);
        EXPECT_EQ(refused(), "08P01") << bytes;
    }
}

TEST_F(Greeting, RefusesAStartupMessageThatIsMalformed) {
    const std::string malformed[]{
        wire::packet(wire::int32(wire::protocol_3_0)),
        wire::packet(wire::int32(wire::protocol_3_0) + "user"),
        wire::startup({}),
        wire::startup({{"user", "alice"}, {"user", "bob"}}),
        wire::startup({{"user", "alice"}}, 2U << 16U),
    };
    for (const std::string& packet : malformed) {
        pair = local_pair(loop, Transport::plaintext);
        begin(ClientTls::allow);
        send(packet);
        EXPECT_NE(refused(), "");
    }
}

TEST_F(Greeting, TellsAClientOfTheFutureWhatIsSpoken) {
    begin(ClientTls::disable);
    const std::uint32_t protocol_3_9 = wire::protocol_3_0 + 9;
    send(wire::startup({{"user", "alice"}, {"database", "db"}, {"_pq_.wish", "yes"}}, protocol_3_9));
    const std::string told = take(pair.client);
    EXPECT_EQ(told, wire::message(
                        'v', wire::int32(wire::protocol_3_2) + wire::int32(1) + wire::cstring("_pq_.wish")));
    expect_startup();
}

// The conversation as far as it goes with one client, at each of whose bytes it may stop.
struct Script {
    const char* what;
    ClientTls mode;
    std::string first;
    std::string answer;
    std::string second;

    std::size_t length() const { return first.size() + second.size(); }
};
const Script scripts[]{
    {"plaintext", ClientTls::disable, startup_packet, "", ""},
    {"plaintext after a refusal of TLS", ClientTls::disable, wire::ssl_request(), "N", startup_packet},
    {"plaintext after a refusal of GSSAPI", ClientTls::allow, wire::gssenc_request(), "N", startup_packet},
    {"a cancel request", ClientTls::allow, wire::cancel_request(1, "four"), "", ""},
};

class GreetingCutShort : public Greeting {
protected:
    // On a connection of its own, as far as `sent` bytes of the script.
    void send_beginning(const Script& script, std::size_t sent) {
        pair = local_pair(loop, Transport::plaintext);
        begin(script.mode);
        send(script.first.substr(0, sent));
        if (sent > script.first.size()) send(script.second.substr(0, sent - script.first.size()));
    }
};

TEST_F(GreetingCutShort, DropsAClientThatVanishesAtAnyByte) {
    for (const Script& script : scripts) {
        for (std::size_t sent = 0; sent < script.length(); ++sent) {
            send_beginning(script, sent);
            pair.client.close();
            EXPECT_EQ(dropped(), "client_closed") << script.what << ", " << sent;
        }
    }
}

TEST_F(GreetingCutShort, IsInterruptedAtAnyByte) {
    for (const Script& script : scripts) {
        for (std::size_t sent = 0; sent < script.length(); ++sent) {
            send_beginning(script, sent);
            pair.server.interrupt();
            EXPECT_EQ(dropped(), "interrupted") << script.what << ", " << sent;
        }
    }
}

TEST_F(Greeting, DropsAClientThatVanishesInTheHandshake) {
    begin(ClientTls::allow);
    ask(wire::ssl_request(), "S");
    pair.client.close();
    EXPECT_EQ(dropped(), "tls_error");

    pair = local_pair(loop, Transport::plaintext);
    begin(ClientTls::allow);
    send("\x16");  // the first byte of a TLS record
    pair.client.close();
    EXPECT_EQ(dropped(), "tls_error");
}

TEST_F(Greeting, IsInterruptedInTheHandshake) {
    begin(ClientTls::allow);
    ask(wire::ssl_request(), "S");
    pair.server.interrupt();
    EXPECT_EQ(dropped(), "interrupted");
}

TEST_F(Greeting, DropsAClientThatVanishesInTls) {
    for (std::size_t sent = 0; sent < startup_packet.size(); ++sent) {
        pair = local_pair(loop, Transport::plaintext);
        begin(ClientTls::require);
        start_tls();
        send(startup_packet.substr(0, sent));
        pair.client.close();
        EXPECT_EQ(dropped(), "client_closed") << sent;
    }
}

TEST_F(Greeting, IsInterruptedInTls) {
    begin(ClientTls::require);
    start_tls();
    send(startup_packet.substr(0, 20));
    pair.server.interrupt();
    EXPECT_EQ(dropped(), "interrupted");
}

}  // namespace
}  // namespace curfew::test
