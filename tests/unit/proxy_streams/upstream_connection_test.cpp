// Connections to servers that refuse, lie, stall or are not there.
#include "proxy/upstream_connection.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "fake_upstream.hpp"
#include "stream_pair.hpp"
#include "support/free_port.hpp"
#include "support/temporary_directory.hpp"
#include "support/wire_format.hpp"

namespace curfew::proxy {
namespace {

namespace asio = boost::asio;
using config::SslMode;
using test::FakeUpstream;
using test::Loop;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

// Long enough for whatever should succeed or fail at once.
const Duration ample = test::patience / 2;

class UpstreamConnection : public testing::Test {
protected:
    Loop loop;
    FakeUpstream upstream{loop};
    config::Resource resource;
    TlsContext context;

    UpstreamConnection() { use(SslMode::prefer); }

    void use(SslMode mode, const std::string& host = "127.0.0.1") {
        resource.upstream = {host, upstream.port()};
        resource.tls = test::client_tls(mode);
        context = test::client_context(resource.tls);
    }

    auto begin(Duration at_most = ample, TlsAttempt attempt = TlsAttempt::as_configured) {
        return loop.start(connect_upstream(loop.executor(), resource, context.get(), attempt, at_most));
    }
    Result<Stream> connect(Duration at_most = ample) {
        auto connecting = begin(at_most);
        return loop.finish(connecting);
    }
    std::string error_of(Result<Stream> result) {
        EXPECT_FALSE(result);
        if (result) return "";
        EXPECT_EQ(result.error().code, ErrorCode::unavailable);
        return result.error().message;
    }
};

TEST_F(UpstreamConnection, BeginsWithAnSslRequest) {
    auto answering = loop.start(upstream.answer("N"));
    ASSERT_TRUE(connect());
    EXPECT_THAT(upstream.packets(), ElementsAre(test::wire::ssl_request()));
}

TEST_F(UpstreamConnection, SendsNothingInPlaintextWhereThatIsWanted) {
    for (const SslMode mode : {SslMode::disable, SslMode::allow}) {
        use(mode);
        auto answering = loop.start(upstream.answer(""));
        const Result<Stream> stream = connect();
        ASSERT_TRUE(stream);
        EXPECT_FALSE(stream->encrypted());
        loop.settle();
        EXPECT_TRUE(upstream.packets().empty());
    }
}

// The bytes behind the S are whatever the server, or somebody in between, wants us to believe came in TLS.
TEST_F(UpstreamConnection, NeverTakesPlaintextBehindTheAnswerForTls) {
    use(SslMode::require);
    auto answering = loop.start(upstream.answer("S" + test::wire::message('R', test::wire::int32(0))));
    EXPECT_THAT(error_of(connect()), HasSubstr("TLS handshake"));
}

TEST_F(UpstreamConnection, LeavesPlaintextBehindARefusalForTheLogin) {
    auto answering = loop.start(upstream.answer("Nmore"));
    Result<Stream> stream = connect();
    ASSERT_TRUE(stream);
    std::array<char, 4> more{};
    EXPECT_EQ(loop.run(stream->read_exactly(more)), Stream::Status::ok);
}

TEST_F(UpstreamConnection, ShowsNobodyAnErrorFromBeforeTls) {
    for (const SslMode mode : {SslMode::prefer, SslMode::require}) {
        use(mode);
        auto answering = loop.start(upstream.answer(test::wire::message('E', "Mrun this command\0\0")));
        EXPECT_THAT(error_of(connect()), AllOf(HasSubstr("with an error"), Not(HasSubstr("command"))));
    }
}

TEST_F(UpstreamConnection, RefusesWhatIsNoPostgres) {
    auto answering = loop.start(upstream.answer("HTTP/1.1 400 Bad Request\r\n\r\n"));
    EXPECT_THAT(error_of(connect()), HasSubstr("no PostgreSQL"));
}

TEST_F(UpstreamConnection, FailsWhereTlsIsRequiredAndNotOffered) {
    for (const SslMode mode : {SslMode::require, SslMode::verify_ca, SslMode::verify_full}) {
        use(mode);
        auto answering = loop.start(upstream.answer("N"));
        EXPECT_THAT(error_of(connect()),
                    AllOf(HasSubstr("does not offer TLS"), HasSubstr(std::string{config::to_string(mode)})));
    }
}

TEST_F(UpstreamConnection, FailsWhenTheServerHangsUp) {
    auto hanging_up = loop.start(upstream.hang_up());
    EXPECT_THAT(error_of(connect()), HasSubstr("closed"));
}

// A server that never answers would hold up the session for ever.
TEST_F(UpstreamConnection, GivesUpOnAServerThatNeverAnswers) {
    auto answering = loop.start(upstream.answer(""));
    const auto begun = test::now();
    EXPECT_THAT(error_of(connect(100ms)), HasSubstr("the answer to an SSLRequest took too long"));
    EXPECT_GE(test::now() - begun, 100ms);
}

TEST_F(UpstreamConnection, GivesUpOnAHandshakeThatNeverEnds) {
    for (const SslMode mode : {SslMode::prefer, SslMode::require}) {
        use(mode);
        auto answering = loop.start(upstream.answer("S"));
        EXPECT_THAT(error_of(connect(100ms)), HasSubstr("the TLS handshake took too long"));
    }
}

TEST_F(UpstreamConnection, SaysThatNobodyListens) {
    resource.upstream.port = test::free_port();
    EXPECT_THAT(error_of(connect()), AllOf(HasSubstr("127.0.0.1:" + std::to_string(resource.upstream.port)),
                                           HasSubstr("Connection refused")));
}

TEST_F(UpstreamConnection, FallsBackToPlaintextAfterAFailedHandshake) {
    const TlsContext old = test::server_context();
    SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
    auto speaking = loop.start(upstream.speak_tls(old.get()));
    auto connecting = begin();
    EXPECT_FALSE(loop.finish(speaking));
    const Result<Stream> stream = loop.finish(connecting);
    ASSERT_TRUE(stream);
    EXPECT_FALSE(stream->encrypted());
    EXPECT_TRUE(stream->is_open());
}

TEST_F(UpstreamConnection, NeverFallsBackWhereTlsIsRequired) {
    use(SslMode::require);
    const TlsContext server = test::server_context();
    SSL_CTX_set_max_proto_version(server.get(), TLS1_1_VERSION);
    SSL_CTX_set_min_proto_version(server.get(), TLS1_VERSION);
    auto speaking = loop.start(upstream.speak_tls(server.get()));
    EXPECT_THAT(error_of(connect()), HasSubstr("TLS handshake"));
}

TEST_F(UpstreamConnection, VerifiesTheNameItWasConfiguredWith) {
    const TlsContext server = test::server_context(
        test::server_tls(test::ca().issue_server("other", "DNS:other.example,IP:192.0.2.7")));
    use(SslMode::verify_full);
    auto speaking = loop.start(upstream.speak_tls(server.get()));
    EXPECT_THAT(error_of(connect()), HasSubstr("IP address mismatch"));

    use(SslMode::verify_full, "localhost");
    speaking = loop.start(upstream.speak_tls(server.get()));
    EXPECT_THAT(error_of(connect()), HasSubstr("ostname mismatch"));

    use(SslMode::verify_ca);
    speaking = loop.start(upstream.speak_tls(server.get()));
    EXPECT_TRUE(connect());
}

TEST_F(UpstreamConnection, NeedsAContextForTls) {
    use(SslMode::require);
    context.reset();
    auto answering = loop.start(upstream.answer("S"));
    EXPECT_THAT(error_of(connect()), HasSubstr("TLS context"));
}

TEST_F(UpstreamConnection, IsReadyForUseAndNotInterrupted) {
    use(SslMode::require);
    const TlsContext server = test::server_context();
    auto speaking = loop.start(upstream.speak_tls(server.get()));
    Result<Stream> stream = connect();
    ASSERT_TRUE(stream);
    EXPECT_TRUE(stream->encrypted());
    EXPECT_FALSE(stream->interrupted());
    ASSERT_TRUE(loop.finish(speaking));
    ASSERT_EQ(loop.run(upstream.connections()[0].write_all("hello")), Stream::Status::ok);
    std::array<char, 5> hello{};
    EXPECT_EQ(loop.run(stream->read_exactly(hello)), Stream::Status::ok);
}

TEST_F(UpstreamConnection, NoticesAHostThatVanishes) {
    use(SslMode::disable);
    int keepalive = 0;
    socklen_t size = sizeof keepalive;
    Result<Stream> stream = connect();
    ASSERT_TRUE(stream);
    // The stream does not show its descriptor; its port finds it.
    for (int descriptor = 3; descriptor < 256; ++descriptor) {
        sockaddr_in own{};
        socklen_t length = sizeof own;
        if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
            own.sin_family == AF_INET && ntohs(own.sin_port) == *stream->local_port())
            ::getsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &keepalive, &size);
    }
    EXPECT_EQ(keepalive, 1);
}

// A listening socket whose queue is full: who connects is not answered.
class FullQueue {
public:
    // On the loopback.
    FullQueue() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fill(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    explicit FullQueue(const sockaddr_un& address) {
        fill(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }

    test::FileDescriptor accept() const {
        return test::FileDescriptor{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    }

    std::uint16_t port = 0;

private:
    static test::FileDescriptor make(int family) {
        return test::FileDescriptor{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    }

    void fill(const sockaddr* address, socklen_t size) {
        socket_ = make(address->sa_family);
        ::bind(socket_.get(), address, size);
        ::listen(socket_.get(), 0);
        sockaddr_storage bound{};
        socklen_t bound_size = sizeof bound;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound), &bound_size);
        port = ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
        for (auto& filler : fillers_) {
            filler = make(address->sa_family);
            ::connect(filler.get(), reinterpret_cast<const sockaddr*>(&bound), bound_size);
        }
    }

    test::FileDescriptor socket_;
    std::array<test::FileDescriptor, 4> fillers_;
};

TEST_F(UpstreamConnection, GivesUpOnAHostThatTakesNoConnection) {
    const FullQueue full;
    resource.upstream.port = full.port;
    EXPECT_THAT(error_of(connect(100ms)), HasSubstr("connecting took too long"));
}

class UnixUpstream : public UpstreamConnection {
protected:
    test::TemporaryDirectory directory{"curfew-unix"};
    sockaddr_un address{};

    UnixUpstream() {
        const std::string path = directory / ".s.PGSQL.5432";
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        resource.upstream = {path, 0};
    }
};

// Asio would take the socket for connected.
TEST_F(UnixUpstream, WaitsForItsTurnInAFullQueue) {
    const FullQueue full{address};
    auto connecting = begin();
    loop.settle();
    ASSERT_FALSE(test::is_over(connecting));
    const test::FileDescriptor accepted = full.accept();
    const Result<Stream> stream = loop.finish(connecting);
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->peer_address(), "unix");
}

TEST_F(UnixUpstream, GivesUpOnAQueueThatStaysFull) {
    const FullQueue full{address};
    EXPECT_THAT(error_of(connect(50ms)), HasSubstr("queue of connections is full"));
}

TEST_F(UnixUpstream, IsNamedWhereNobodyListens) {
    EXPECT_THAT(error_of(connect()), AllOf(HasSubstr(resource.upstream.host), HasSubstr("No such file")));
}

TEST_F(UnixUpstream, IsRefusedWhereItsPathIsTooLong) {
    resource.upstream.host = "/" + std::string(200, 'x');
    const Result<Stream> stream = connect();
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().code, ErrorCode::invalid);
}

Stream::Endpoint loopback(std::uint16_t port) {
    return Stream::Endpoint{asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), port}};
}

class ManyAddresses : public UpstreamConnection {
protected:
    Result<Stream> connect_to(std::vector<Stream::Endpoint> addresses, Duration at_most = ample) {
        return loop.run(connect_upstream(loop.executor(), resource, context.get(), TlsAttempt::as_configured,
                                         at_most, std::move(addresses)));
    }
};

TEST_F(ManyAddresses, AreTriedInTurn) {
    auto answering = loop.start(upstream.answer("N"));
    const auto stream = connect_to({loopback(test::free_port()), loopback(upstream.port())});
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->peer_address(), "127.0.0.1:" + std::to_string(upstream.port()));
}

// One host that is down must not take the time of those that are up.
TEST_F(ManyAddresses, ShareTheTime) {
    const FullQueue full;
    auto answering = loop.start(upstream.answer("N"));
    EXPECT_TRUE(connect_to({loopback(full.port), loopback(upstream.port())}, test::within(1s)));
}

TEST_F(ManyAddresses, AreTriedInTurnForTlsToo) {
    FakeUpstream broken{loop};
    auto hanging_up = loop.start(broken.hang_up());
    auto answering = loop.start(upstream.answer("N"));
    EXPECT_TRUE(connect_to({loopback(broken.port()), loopback(upstream.port())}));
}

TEST_F(ManyAddresses, AreAllNamedWhereNoneIsReached) {
    const std::uint16_t one = test::free_port();
    const std::uint16_t other = test::free_port();
    EXPECT_THAT(error_of(connect_to({loopback(one), loopback(other)})),
                AllOf(HasSubstr(std::to_string(one)), HasSubstr(std::to_string(other))));
}

TEST_F(UpstreamConnection, LooksUpAName) {
    use(SslMode::prefer, "localhost");
    auto answering = loop.start(upstream.answer("N"));
    EXPECT_TRUE(connect());
}

TEST_F(UpstreamConnection, SaysThatANameHasNoAddress) {
    resource.upstream.host = "no-such-host.invalid";
    EXPECT_THAT(error_of(connect(3s)), AllOf(HasSubstr("no-such-host.invalid"), HasSubstr("this name")));
}

TEST_F(UpstreamConnection, CanBeCancelled) {
    auto answering = loop.start(upstream.answer(""));
    asio::cancellation_signal cancel;
    auto connecting = loop.start(
        connect_upstream(loop.executor(), resource, context.get(), TlsAttempt::as_configured, ample),
        cancel.slot());
    loop.settle();
    ASSERT_FALSE(test::is_over(connecting));
    cancel.emit(asio::cancellation_type::terminal);
    const Result<Stream> stream = loop.finish(connecting);
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().code, ErrorCode::conflict);
}

// Whoever gave up on it may be gone long before it ends.
TEST_F(UpstreamConnection, NeedsNothingOfWhoBeganIt) {
    auto answering = loop.start(upstream.answer(""));
    auto connecting = begin(50ms);
    resource = {};
    EXPECT_FALSE(loop.finish(connecting));
}

const postgres::CancelRequest cancel_request{4711, "\x01\x02\x03\x04"};

TEST_F(UpstreamConnection, CancelsInTlsWhereTheSessionWouldUseIt) {
    use(SslMode::require);
    const TlsContext server = test::server_context();
    auto speaking = loop.start(upstream.speak_tls(server.get()));
    auto cancelling =
        loop.start(send_cancel(loop.executor(), resource, context.get(), cancel_request, ample));
    ASSERT_TRUE(loop.finish(speaking));
    std::array<char, 16> received{};
    Stream& connection = upstream.connections()[0];
    ASSERT_EQ(loop.run(connection.read_exactly(received)), Stream::Status::ok);
    EXPECT_EQ((std::string_view{received.data(), received.size()}),
              test::wire::cancel_request(4711, cancel_request.secret));
    loop.settle();
    ASSERT_FALSE(test::is_over(cancelling));
    connection.close();
    EXPECT_TRUE(loop.finish(cancelling));
}

TEST_F(UpstreamConnection, DoesNotSayThatACancelWasTakenWhenItIsNotAnswered) {
    use(SslMode::disable);
    auto answering = loop.start(upstream.answer(""));
    auto cancelling =
        loop.start(send_cancel(loop.executor(), resource, context.get(), cancel_request, 100ms));
    EXPECT_FALSE(loop.finish(cancelling));
    EXPECT_THAT(upstream.packets(), ElementsAre(test::wire::cancel_request(4711, cancel_request.secret)));
}

TEST_F(UpstreamConnection, DoesNotSayThatACancelWasTakenWhereNobodyListens) {
    use(SslMode::disable);
    resource.upstream.port = test::free_port();
    EXPECT_FALSE(loop.run(send_cancel(loop.executor(), resource, context.get(), cancel_request, ample)));
}

// Another server of the same name knows nothing of the session.
TEST_F(UpstreamConnection, CancelsAtTheAddressItIsGiven) {
    use(SslMode::disable);
    FakeUpstream elsewhere{loop, "127.0.0.2"};
    const Stream::Endpoint address{
        asio::ip::tcp::endpoint{asio::ip::make_address("127.0.0.2"), elsewhere.port()}};
    auto answering = loop.start(elsewhere.answer(""));
    auto cancelling =
        loop.start(send_cancel(loop.executor(), resource, context.get(), cancel_request, ample, address));
    loop.finish(answering);
    EXPECT_EQ(elsewhere.packets().size(), 1U);
    elsewhere.connections().clear();
    EXPECT_TRUE(loop.finish(cancelling));
}

}  // namespace
}  // namespace curfew::proxy
