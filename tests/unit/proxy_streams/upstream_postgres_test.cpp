// Connections to a real PostgreSQL, with every sslmode.
#include <gmock/gmock.h>

#include "proxy/upstream_connection.hpp"
#include "stream_pair.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wire_client.hpp"

namespace curfew::proxy {
namespace {

using config::SslMode;
using test::Loop;
using test::PostgresCluster;
using testing::HasSubstr;
namespace wire = test::wire;
const Duration ample = test::patience / 2;

// Knows alice, by TLS only.
PostgresCluster& tls_only() {
    static PostgresCluster cluster{
        test::with_hba({"local all all trust", "hostssl all all 127.0.0.1/32 trust"})};
    static const std::string made = cluster.sql("CREATE ROLE alice LOGIN");
    return cluster;
}

// Offers no TLS.
PostgresCluster& plaintext_only() {
    static PostgresCluster cluster{[] {
        test::PostgresOptions options;
        options.settings["ssl"] = "off";
        return options;
    }()};
    static const std::string made = cluster.sql("CREATE ROLE alice LOGIN");
    return cluster;
}

class PostgresUpstream : public testing::Test {
protected:
    Loop loop;

    static config::Resource resource(PostgresCluster& cluster, SslMode mode) {
        config::Resource resource;
        resource.name = "db";
        resource.upstream = {"127.0.0.1", cluster.port()};
        resource.tls.mode = mode;
        if (mode == SslMode::verify_ca || mode == SslMode::verify_full)
            resource.tls.root_certificate_file = cluster.ca().certificate();
        return resource;
    }

    Result<Stream> connect(const config::Resource& resource, TlsAttempt attempt = TlsAttempt::as_configured) {
        contexts_.push_back(test::client_context(resource.tls));
        return loop.run(connect_upstream(loop.executor(), resource, contexts_.back().get(), attempt, ample));
    }

    // The first message that answers alice's StartupMessage.
    wire::Message log_in(Stream& stream) {
        const std::string startup = wire::startup({{"user", "alice"}, {"database", "postgres"}});
        EXPECT_EQ(loop.run(stream.write_all(startup)), Stream::Status::ok);
        std::string head(5, '\0');
        EXPECT_EQ(loop.run(stream.read_exactly(head)), Stream::Status::ok);
        std::string body(wire::read_int32(head.substr(1)) - 4, '\0');
        EXPECT_EQ(loop.run(stream.read_exactly(body)), Stream::Status::ok);
        return {head[0], body};
    }

    // How PostgreSQL has it.
    void expect_let_in(Result<Stream> stream, bool encrypted) {
        ASSERT_TRUE(stream) << stream.error().message;
        EXPECT_EQ(stream->encrypted(), encrypted);
        EXPECT_EQ(log_in(*stream).type, 'R');
    }
    void expect_refused(Result<Stream> stream) {
        ASSERT_TRUE(stream) << stream.error().message;
        const wire::Message answer = log_in(*stream);
        EXPECT_EQ(answer.type, 'E');
        EXPECT_EQ(wire::report_fields(answer).at('C'), "28000");
    }

private:
    std::vector<TlsContext> contexts_;
};

TEST_F(PostgresUpstream, IsReachedInTlsByEveryModeThatBeginsWithIt) {
    for (const SslMode mode : {SslMode::prefer, SslMode::require, SslMode::verify_ca, SslMode::verify_full})
        expect_let_in(connect(resource(tls_only(), mode)), true);
}

TEST_F(PostgresUpstream, IsReachedByTheNameInItsCertificate) {
    config::Resource by_name = resource(tls_only(), SslMode::verify_full);
    by_name.upstream.host = "localhost";
    expect_let_in(connect(by_name), true);
}

TEST_F(PostgresUpstream, RefusesPlaintextWhereItWantsTls) {
    expect_refused(connect(resource(tls_only(), SslMode::disable)));
}

TEST_F(PostgresUpstream, IsReachedBySecondAttemptWithAllow) {
    const config::Resource allow = resource(tls_only(), SslMode::allow);
    expect_refused(connect(allow));
    expect_let_in(connect(allow, TlsAttempt::insist), true);
}

TEST_F(PostgresUpstream, IsReachedInPlaintextByEveryModeThatTakesIt) {
    for (const SslMode mode : {SslMode::disable, SslMode::allow, SslMode::prefer})
        expect_let_in(connect(resource(plaintext_only(), mode)), false);
    expect_let_in(connect(resource(plaintext_only(), SslMode::allow), TlsAttempt::insist), false);
}

TEST_F(PostgresUpstream, IsNotReachedWithoutTlsWhereThatIsRequired) {
    for (const SslMode mode : {SslMode::require, SslMode::verify_ca, SslMode::verify_full}) {
        const Result<Stream> stream = connect(resource(plaintext_only(), mode));
        ASSERT_FALSE(stream);
        EXPECT_THAT(stream.error().message, HasSubstr("does not offer TLS"));
    }
}

TEST_F(PostgresUpstream, IsNotReachedWhereItsAuthorityIsAnother) {
    for (const SslMode mode : {SslMode::require, SslMode::verify_ca, SslMode::verify_full}) {
        config::Resource strict = resource(tls_only(), mode);
        strict.tls.root_certificate_file = test::ca().certificate();
        const Result<Stream> stream = connect(strict);
        ASSERT_FALSE(stream);
        EXPECT_THAT(stream.error().message, HasSubstr("certificate verify failed"));
    }
}

TEST_F(PostgresUpstream, IsReachedByItsUnixSocketInPlaintext) {
    PostgresCluster& cluster = tls_only();
    config::Resource local = resource(cluster, SslMode::require);
    local.upstream = {cluster.socket_directory() / (".s.PGSQL." + std::to_string(cluster.port())), 0};
    Result<Stream> stream =
        loop.run(connect_upstream(loop.executor(), local, nullptr, TlsAttempt::as_configured, ample));
    expect_let_in(std::move(stream), false);
}

TEST_F(PostgresUpstream, TakesAClientCertificate) {
    PostgresCluster cluster{test::with_hba({"hostssl all all 127.0.0.1/32 cert"})};
    cluster.sql("CREATE ROLE alice LOGIN");
    const test::CertificateFiles alice = cluster.ca().issue_client("alice");
    config::Resource shown = resource(cluster, SslMode::verify_full);
    shown.tls.certificate_file = alice.certificate;
    shown.tls.key_file = alice.key;
    expect_let_in(connect(shown), true);
    expect_refused(connect(resource(cluster, SslMode::verify_full)));
}

// What a session needs to cancel: who its backend is.
class PostgresCancel : public PostgresUpstream {
protected:
    void expect_cancels(PostgresCluster& cluster, const config::Resource& resource) {
        auto client = test::WireClient::unix_socket(cluster.socket_directory() /
                                                    (".s.PGSQL." + std::to_string(cluster.port())));
        client.log_in("alice", "postgres");
        client.send(wire::query("SELECT pg_sleep(600)"));
        ASSERT_TRUE(cluster.await("EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND pid = " +
                                  std::to_string(client.process_id()) + ")"));
        const TlsContext context = test::client_context(resource.tls);
        const postgres::CancelRequest request{static_cast<std::int32_t>(client.process_id()),
                                              client.cancel_key()};
        EXPECT_TRUE(loop.run(send_cancel(loop.executor(), resource, context.get(), request, ample)));
        EXPECT_EQ(wire::report_fields(client.read_until('E')).at('C'), "57014");
    }
};

TEST_F(PostgresCancel, StopsAStatementOverTls) {
    expect_cancels(tls_only(), resource(tls_only(), SslMode::verify_full));
}

TEST_F(PostgresCancel, StopsAStatementInPlaintext) {
    expect_cancels(plaintext_only(), resource(plaintext_only(), SslMode::prefer));
}

TEST_F(PostgresCancel, StopsAStatementOverItsUnixSocket) {
    config::Resource local = resource(tls_only(), SslMode::prefer);
    local.upstream = {tls_only().socket_directory() / (".s.PGSQL." + std::to_string(tls_only().port())), 0};
    expect_cancels(tls_only(), local);
}

}  // namespace
}  // namespace curfew::proxy
