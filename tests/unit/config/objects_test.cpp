// Objects one by one, shown as JSON and exported as YAML, and read again as the same.
#include "config/objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

const Live live{"/etc/curfew/live"};
const std::string verifier =
    "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=:"
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

std::string json_of(const Object& object) {
    return boost::json::serialize(to_json(object));
}

// Every key that an object can have, with what it may refer to.
FakeEnvironment everything_there() {
    FakeEnvironment environment;
    const auto pem = make_self_signed();
    environment.add_file("/etc/curfew/live/tls.crt", pem.certificate);
    environment.add_file("/etc/curfew/live/tls.key", pem.key);
    environment.add_file("/etc/curfew/live/password", "hunter2\n");
    environment.add_file("/etc/curfew/live/verifier", verifier + "\n");
    return environment;
}

const std::vector<std::pair<ObjectKind, std::string>> documents{
    {ObjectKind::user, "{}"},
    {ObjectKind::user, R"({"display_name":"A \"quoted\" \\ name: #1","aliases":["al","True","1e3","- x"],
        "email":"a@x.org","oidc_subject":"0123","scram_verifier":{"file":"/etc/curfew/live/verifier"},
        "certificate_name":"Alice \u00e9"})"},
    {ObjectKind::group, R"({"members":[]})"},
    {ObjectKind::group, R"({"members":["alice","null","42","{}","b, c"]})"},
    {ObjectKind::resource, R"({"host":"/var/run/postgresql"})"},
    {ObjectKind::resource, R"({"host":"h","login":"ephemeral","authentication":"certificate",
        "ephemeral":{"member_of":["app rw","reader"],"owner":"app_owner"},
        "admin_login":{"user":"admin","database":"postgres"}})"},
    {ObjectKind::resource, R"({"host":"/","port":5433,"description":"At the root"})"},
    {ObjectKind::resource, R"({"host":"fe80::1","port":1})"},
    {ObjectKind::resource, R"({"host":"db.example.org","tls":{"sslmode":"verify-full",
        "root_certificate":"/etc/curfew/live/tls.crt","certificate":"/etc/curfew/live/tls.crt",
        "key":"/etc/curfew/live/tls.key"},"databases":["orders","b i"],"default_database":"b i","login":"managed",
        "authentication":"scram_or_certificate",
        "role":{"user":"app","password":{"file":"/etc/curfew/live/password"}},
        "admin_login":{"user":"admin","password":{"file":"/etc/curfew/live/password"},"database":"template1"},
        "ungoverned":{"enforce":"terminate","interval":"1m"},"prepared_transactions":"rollback",
        "on_store_loss":"end","recording":"full","wind_down":"30s",
        "attributes":{"env":"prod","a: b":"yes","n":"1.0"}})"},
    {ObjectKind::rule, R"({"resources":["prod"],"approval_groups":["dba"]})"},
    {ObjectKind::rule, R"({"description":"Orders","types":["jit","command"],"resources":["on","prod"],
        "attributes":{"env":"prod"},"required_groups":["developers"],"approval_groups":["dba","security"],
        "require_all_groups":true,"min_approvals":2,"force_approval_groups":["leads"],
        "skip_review_groups":["on call"],"break_glass_groups":["dba"],"max_duration":"48h",
        "default_duration":"1h30m","break_glass_duration":"45s","reason_pattern":"^OPS-[0-9]+\\b",
        "allowed_times":{"time_zone":"Europe/Berlin","windows":["Mon-Fri 08:00-18:00","Sat 22:00-02:00"]},"recording":"statements",
        "allowed_statements":{"select":["public.orders","analytics.*","on"],"functions":["public.total"]},
        "preview":"dry_run"})"},
};

TEST(ObjectJson, IsReadBackAsTheSameObject) {
    const auto environment = everything_there();
    for (const auto& [kind, document] : documents) {
        const auto first = read_live_object({kind, "x"}, document, live, environment);
        ASSERT_TRUE(std::holds_alternative<Object>(first)) << document;
        const auto canonical = json_of(std::get<Object>(first));
        const auto second = read_live_object({kind, "x"}, canonical, live, environment);
        ASSERT_TRUE(std::holds_alternative<Object>(second)) << canonical;
        EXPECT_EQ(json_of(std::get<Object>(second)), canonical);
    }
}

TEST(ObjectJson, HoldsEveryKeyThatWasGiven) {
    const auto environment = everything_there();
    for (const auto& [kind, document] : documents) {
        const auto object = std::get<Object>(read_live_object({kind, "x"}, document, live, environment));
        const auto canonical = to_json(object);
        const auto given = boost::json::parse(document);
        for (const auto& member : given.get_object()) {
            ASSERT_TRUE(canonical.contains(member.key())) << member.key();
            EXPECT_EQ(canonical.at(member.key()), member.value()) << document;
        }
    }
}

TEST(ObjectJson, NamesSecretsAndNeverHoldsThem) {
    const auto environment = everything_there();
    for (const auto& [kind, document] : documents) {
        const auto json =
            json_of(std::get<Object>(read_live_object({kind, "x"}, document, live, environment)));
        EXPECT_THAT(json, Not(HasSubstr("hunter2")));
        EXPECT_THAT(json, Not(HasSubstr("SCRAM-SHA-256")));
    }
}

TEST(ObjectJson, HasSecretsOfTheFileByReferenceToo) {
    FakeEnvironment environment;
    environment.set_variable("ADMIN_PASSWORD", "hunter2");
    environment.add_file("/etc/curfew/role", "hunter2");
    const auto config = load_valid(file_with({{"resources", R"({ prod: { host: h, login: managed,
            role: { user: app, password: { file: role } }, admin_login: { user: admin,
            password: { env: ADMIN_PASSWORD } } } })"}}),
                                   environment);
    const auto json = json_of(*find_object(config, {ObjectKind::resource, "prod"}));
    EXPECT_THAT(json, HasSubstr(R"("role":{"user":"app","password":{"file":"/etc/curfew/role"}})"));
    EXPECT_THAT(json, HasSubstr(R"("password":{"env":"ADMIN_PASSWORD"})"));
    EXPECT_THAT(json, Not(HasSubstr("hunter2")));
}

TEST(ObjectYaml, IsASectionOfTheFile) {
    const auto environment = everything_there();
    std::vector<Object> objects;
    for (const auto& [kind, document] : documents) {
        const auto name = std::string{to_string(kind)} + std::to_string(objects.size());
        objects.push_back(std::get<Object>(read_live_object({kind, name}, document, live, environment)));
    }
    const std::string yaml = to_yaml(objects);
    const std::string rest = R"(
listeners: [{ address: 127.0.0.1:6432 }]
accept_unlisted_users: false
store: { path: /s }
)";
    // What groups and rules name is not here: only that all is read, and as what it was.
    const auto problems = problems_of(yaml + rest, environment);
    EXPECT_THAT(problems, Each(::testing::AnyOf(HasSubstr("there is no "), HasSubstr("'client_ca'"))))
        << yaml;
    EXPECT_THAT(problems, Contains(HasSubstr("there is no user 'b, c'")));
    EXPECT_THAT(problems, Contains(HasSubstr("there is no user '42'")));
    EXPECT_THAT(problems, Contains(HasSubstr("there is no group 'on call'")));
}

TEST(ObjectYaml, IsReadBackAsTheSameObjects) {
    const auto environment = everything_there();
    const std::string head = "listeners: [{ address: 127.0.0.1:6432 }]\nstore: { path: /s }\n";
    const auto config = load_valid(head + R"(
users:
  alice: { aliases: ["no", "- a", "0x1F"], scram_verifier: { file: /etc/curfew/live/verifier } }
  "42": { display_name: "yes" }
groups: { dba: [alice, "42"], "on call": [], "null": [alice] }
resources:
  prod: { host: /var/run/postgresql, attributes: { "a: b": "# c", version: "1.0", empty word: "~" } }
rules:
  r: { attributes: { version: "1.0" }, approval_groups: [dba, "null"], max_duration: 30d, reason_pattern: '\bX-\d+' }
)",
                                   environment);
    std::vector<Object> objects;
    for (const auto& name : {ObjectName{ObjectKind::user, "alice"}, ObjectName{ObjectKind::user, "42"},
                             ObjectName{ObjectKind::group, "dba"}, ObjectName{ObjectKind::group, "on call"},
                             ObjectName{ObjectKind::group, "null"}, ObjectName{ObjectKind::resource, "prod"},
                             ObjectName{ObjectKind::rule, "r"}})
        objects.push_back(*find_object(config, name));
    const std::string yaml = to_yaml(objects);
    const auto again = load_valid(head + yaml, environment);
    for (const auto& object : objects) {
        const auto read_back = find_object(again, name_of(object));
        ASSERT_TRUE(read_back) << yaml;
        EXPECT_EQ(json_of(*read_back), json_of(object)) << yaml;
    }
}

TEST(ObjectYaml, IsWrittenAsPeopleWriteIt) {
    const auto config =
        load_valid(file_with({{"users", "{ alice: {}, bob: {} }"},
                              {"groups", "{ dba: [alice, bob] }"},
                              {"resources", "{ prod: { host: 10.0.0.5, attributes: { env: prod } } }"}}));
    EXPECT_EQ(to_yaml({*find_object(config, {ObjectKind::resource, "prod"}),
                       *find_object(config, {ObjectKind::group, "dba"}),
                       *find_object(config, {ObjectKind::user, "alice"})}),
              R"(users:
  alice: {}
groups:
  dba:
    members: [alice, bob]
resources:
  prod:
    host: "10.0.0.5"
    port: 5432
    tls:
      sslmode: prefer
    default_database: postgres
    login: passthrough
    on_store_loss: keep-until-deadline
    recording: "off"
    attributes:
      env: prod
)");
    EXPECT_EQ(to_yaml({}), "");
}

std::string example() {
    std::ifstream stream{CURFEW_SOURCE_DIR "/config/curfew.example.yaml"};
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

TEST(ObjectYaml, OfTheExampleIsReadBackAsTheSameObjects) {
    const auto config = load_valid(example());
    std::vector<Object> objects;
    for (const auto& [name, user] : config.users)
        objects.emplace_back(user);
    for (const auto& [name, members] : config.groups)
        objects.emplace_back(Group{name, members});
    for (const auto& [name, resource] : config.resources)
        objects.emplace_back(resource);
    for (const auto& rule : config.rules)
        objects.emplace_back(rule);
    ASSERT_GE(objects.size(), 4U);
    const auto again =
        load_valid("listeners: [{ address: 127.0.0.1:6432 }]\nstore: { path: /s }\n" + to_yaml(objects));
    for (const auto& object : objects) {
        const auto read_back = find_object(again, name_of(object));
        ASSERT_TRUE(read_back) << to_string(name_of(object));
        EXPECT_EQ(json_of(*read_back), json_of(object));
    }
}

}  // namespace
}  // namespace curfew::config::test
