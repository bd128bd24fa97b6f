// What auditors get: the signing key, heads of the audit trail, and where its events are sent.
#include <chrono>

#include "config/diff.hpp"
#include "loading.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string file_with_audit(const std::string& audit) {
    return file_with({{"audit", audit}});
}

SyslogReceiver receiver_at(const std::string& address) {
    return load_valid(file_with_audit("{ syslog: { address: '" + address + "' } }")).audit.syslog.value();
}

TEST(ConfigAudit, SignsWithAKeyBesideTheStoreUnlessToldOtherwise) {
    const auto config = load_valid(file_with({}));
    EXPECT_FALSE(config.audit.signing_key_file);
    Config by_default;
    by_default.store.path = "/var/lib/curfew/curfew.db";
    EXPECT_EQ(signing_key_file(by_default), "/var/lib/curfew/signing.key");
    const auto named = load_valid(file_with_audit("{ signing_key_file: /etc/curfew/audit.key }"));
    EXPECT_EQ(signing_key_file(named), "/etc/curfew/audit.key");
}

TEST(ConfigAudit, SignsNothingWithAStoreInPostgresqlUnlessAKeyIsNamed) {
    Config config;
    config.store.postgresql = "postgresql://store/curfew";
    EXPECT_FALSE(signing_key_file(config));
    config.audit.signing_key_file = "/etc/curfew/audit.key";
    EXPECT_EQ(signing_key_file(config), "/etc/curfew/audit.key");
}

TEST(ConfigAudit, WritesHeadsEveryTenMinutesAndIntoTheLogAloneUnlessToldOtherwise) {
    const auto heads = load_valid(file_with({})).audit.heads;
    EXPECT_FALSE(heads.file);
    EXPECT_EQ(heads.interval, 10min);
    const auto told =
        load_valid(file_with_audit("{ heads: { file: /var/log/curfew/heads.jsonl, interval: 1h } }"))
            .audit.heads;
    EXPECT_EQ(told.file, "/var/log/curfew/heads.jsonl");
    EXPECT_EQ(told.interval, 1h);
}

TEST(ConfigAudit, SendsNothingAnywhereUnlessToldSo) {
    const auto audit = load_valid(file_with({})).audit;
    EXPECT_FALSE(audit.syslog);
    EXPECT_FALSE(audit.webhook);
}

TEST(ConfigAudit, TakesEachWayToASyslogReceiverWithThePortThatItHasByItself) {
    EXPECT_EQ(to_string(receiver_at("udp://log.example.com")), "udp://log.example.com:514");
    EXPECT_EQ(to_string(receiver_at("tcp://10.1.2.3")), "tcp://10.1.2.3:601");
    EXPECT_EQ(to_string(receiver_at("tls://log.example.com")), "tls://log.example.com:6514");
    EXPECT_EQ(to_string(receiver_at("tls://[::1]:7000")), "tls://[::1]:7000");
    EXPECT_EQ(to_string(receiver_at("/dev/log")), "/dev/log");
    EXPECT_EQ(receiver_at("/dev/log").transport, SyslogTransport::local);
}

TEST(ConfigAudit, CallsItselfCurfewOfTheFacilityAuditUnlessToldOtherwise) {
    const auto receiver = receiver_at("/dev/log");
    EXPECT_EQ(receiver.app_name, "curfew");
    EXPECT_EQ(receiver.facility, SyslogFacility::audit);
    const auto told =
        load_valid(file_with_audit("{ syslog: { address: /dev/log, facility: authpriv, app_name: gate } }"));
    EXPECT_EQ(told.audit.syslog->app_name, "gate");
    EXPECT_EQ(told.audit.syslog->facility, SyslogFacility::authpriv);
}

TEST(ConfigAudit, RefusesWhatIsNoSyslogReceiver) {
    for (const char* address : {"log.example.com:514", "udp://", "tcp://host:0", "tcp://host:70000",
                                "tls://[::1", "tls://a b", "http://log.example.com"}) {
        EXPECT_THAT(problems_of(file_with_audit(std::string{"{ syslog: { address: '"} + address + "' } }")),
                    ElementsAre(HasSubstr("expected udp://HOST:PORT")))
            << address;
    }
}

TEST(ConfigAudit, RefusesANameOfAProgramThatSyslogCannotCarry) {
    EXPECT_THAT(problems_of(file_with_audit("{ syslog: { address: /dev/log, app_name: 'my gate' } }")),
                ElementsAre(HasSubstr("audit.syslog.app_name: expected printable ASCII without blanks")));
}

TEST(ConfigAudit, SignsWhatItPostsWithASecretThatCannotBeGuessed) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/hooks.secret", "0123456789abcdef0123456789abcdef\n");
    const auto file = file_with_audit(
        "{ webhook: { url: 'https://siem.example.com/curfew', secret: { file: /etc/curfew/hooks.secret } } "
        "}");
    EXPECT_THAT(problems_of(file, environment), IsEmpty());
    environment.add_file("/etc/curfew/hooks.secret", "short\n");
    EXPECT_THAT(problems_of(file, environment), ElementsAre(HasSubstr("could be guessed")));
}

TEST(ConfigAudit, TellsWhatWantsARestart) {
    Config running;
    running.store.path = "/var/lib/curfew/curfew.db";
    Config wanted = running;
    wanted.audit.heads.interval = 1h;
    wanted.audit.syslog = receiver_at("udp://log");
    EXPECT_THAT(needs_restart(running, wanted), ElementsAre(HasSubstr("audit.heads.interval stays 10m"),
                                                            HasSubstr("audit.syslog.address stays nothing")));
    keep_until_restart(running, wanted);
    EXPECT_THAT(needs_restart(running, wanted), IsEmpty());
}

}  // namespace
}  // namespace curfew::config::test
