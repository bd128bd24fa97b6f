// The administrative connection is as the configuration says, whatever there is of libpq's own: files in the
// home directory, passwords in the environment.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "admin_fixture.hpp"

namespace curfew::test {
namespace {

// An environment variable of this process, as it was before when its owner goes.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_{name} {
        if (const char* before = ::getenv(name)) before_ = before;
        ::setenv(name, value.c_str(), 1);
    }
    ~Variable() {
        if (before_) {
            ::setenv(name_, before_->c_str(), 1);
        } else {
            ::unsetenv(name_);
        }
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

// One PostgreSQL for the program; it asks for passwords, and for TLS over TCP.
class ConfigurationAlone : public testing::Test {
protected:
    static void SetUpTestSuite() {
        cluster_ = std::make_unique<PostgresCluster>(
            with_hba({"local all all scram-sha-256", "hostssl all all 127.0.0.1/32 scram-sha-256"}));
    }
    static void TearDownTestSuite() { cluster_.reset(); }

    void in_home(const std::string& name, const std::string& content) {
        std::filesystem::create_directories((home / name).parent_path());
        home.write(name, content);
    }
    config::Resource without_password() {
        config::Resource resource = unix_resource(cluster);
        resource.admin_login->password.reset();
        return resource;
    }
    bool comes_up(const config::Resource& resource) {
        RunningContext control;
        RunningAdmin admin{control, resource};
        return admin.wait_until_up(within(std::chrono::milliseconds{500}));
    }

    PostgresCluster& cluster = *cluster_;
    const TestCa stranger{"Somebody else's CA"};
    const TemporaryDirectory home{"curfew-home"};
    const Variable home_variable{"HOME", home.path().string()};

private:
    static inline std::unique_ptr<PostgresCluster> cluster_;
};

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

TEST_F(ConfigurationAlone, SaysByWhichAuthoritiesTheServerIsVerified) {
    in_home(".postgresql/root.crt", text_of(stranger.certificate()));
    config::Resource resource = tcp_resource(cluster);
    resource.tls.mode = config::SslMode::require;
    EXPECT_TRUE(comes_up(resource));
}

TEST_F(ConfigurationAlone, SaysWhichCertificateIsShown) {
    in_home(".postgresql/postgresql.crt", "no certificate");
    in_home(".postgresql/postgresql.key", "no key");
    config::Resource resource = tcp_resource(cluster);
    resource.tls.mode = config::SslMode::require;
    EXPECT_TRUE(comes_up(resource));
}

TEST_F(ConfigurationAlone, KnowsOfNoRevocationList) {
    in_home(".postgresql/root.crl", stranger.empty_revocation_list());
    config::Resource resource = tcp_resource(cluster);
    resource.tls.mode = config::SslMode::verify_full;
    resource.tls.root_certificate_file = cluster.ca().certificate();
    EXPECT_TRUE(comes_up(resource));
}

TEST_F(ConfigurationAlone, SaysWhatThePasswordIs) {
    in_home(".pgpass", "*:*:*:*:admin-secret\n");
    EXPECT_FALSE(comes_up(without_password()));
    const Variable password{"PGPASSWORD", "admin-secret"};
    EXPECT_FALSE(comes_up(without_password()));
    const Variable password_file{"PGPASSFILE", home / ".pgpass"};
    EXPECT_FALSE(comes_up(without_password()));
}

TEST_F(ConfigurationAlone, OverrulesPasswordsOfTheEnvironment) {
    const Variable password{"PGPASSWORD", "not-the-admin-secret"};
    EXPECT_TRUE(comes_up(unix_resource(cluster)));
}

TEST_F(ConfigurationAlone, MayNameAFileForThePassword) {
    config::Resource resource = without_password();
    resource.admin_login->password_file = home.write("passwords", "*:*:*:curfew_admin:admin-secret\n");
    EXPECT_TRUE(comes_up(resource));
}

}  // namespace
}  // namespace curfew::test
