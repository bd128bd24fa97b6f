// Objects one by one: made live as JSON, shown as JSON, exported as YAML.
#include "config/objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "config/document.hpp"
#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Live live{"/etc/curfew/live"};
const std::string verifier =
    "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=:"
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

std::vector<std::string> problems_of_live(ObjectKind kind, const std::string& json,
                                          const FakeEnvironment& environment = {},
                                          const Live& bounds = live) {
    const auto result = read_live_object({kind, "x"}, json, bounds, environment);
    std::vector<std::string> lines;
    if (const auto* problems = std::get_if<std::vector<Problem>>(&result)) {
        for (const auto& problem : *problems)
            lines.push_back(problem.key + ": " + problem.message);
    }
    return lines;
}

template <class Kind>
Kind read_live(ObjectKind kind, const std::string& json, const FakeEnvironment& environment = {}) {
    auto result = read_live_object({kind, "x"}, json, live, environment);
    if (auto* object = std::get_if<Object>(&result)) return std::get<Kind>(std::move(*object));
    for (const auto& problem : std::get<std::vector<Problem>>(result))
        ADD_FAILURE() << to_string(problem);
    return {};
}

std::string json_of(const Object& object) {
    return boost::json::serialize(to_json(object));
}

TEST(LiveObject, IsReadFromJson) {
    const auto user = read_live<User>(ObjectKind::user, R"({"aliases":["al"],"email":"a@x.org"})");
    EXPECT_EQ(user.name, "x");
    EXPECT_THAT(user.aliases, ElementsAre("al"));
    EXPECT_EQ(user.certificate_name, "x");
    EXPECT_THAT(read_live<Group>(ObjectKind::group, R"({"members":["alice","bob"]})").members,
                ElementsAre("alice", "bob"));
    const auto resource = read_live<Resource>(ObjectKind::resource, R"({"host":"10.0.0.5","port":6000})");
    EXPECT_EQ(resource.upstream, (Endpoint{"10.0.0.5", 6000}));
    const auto rule = read_live<policy::Rule>(
        ObjectKind::rule, R"({"resources":["prod"],"approval_groups":["dba"],"max_duration":"2h"})");
    EXPECT_EQ(rule.max_duration, 2h);
}

TEST(LiveObject, OfAnyLettersIsReadFromJson) {
    // Outside the basic plane, as JSON escapes it.
    EXPECT_EQ(read_live<User>(ObjectKind::user, R"({"display_name":"\ud83d\ude00 \u00e9\/"})").display_name,
              "\xF0\x9F\x98\x80 \xC3\xA9/");
}

TEST(LiveObject, ProblemsAreAllToldByTheirKeys) {
    EXPECT_THAT(problems_of_live(ObjectKind::rule, R"({"min_approvals":"2","resorces":["prod"],
                    "approval_groups":["dba",7.5],"max_duration":3600})"),
                ElementsAre(HasSubstr("resorces: unknown key (did you mean 'resources'?)"),
                            HasSubstr("covers nothing"), HasSubstr("min_approvals: expected a number"),
                            HasSubstr("max_duration: '3600' is not a duration")));
    EXPECT_THAT(problems_of_live(ObjectKind::group, R"({"members":["a","a"]})"),
                OnlyProblem("members[1]", "'a' is listed twice"));
}

TEST(LiveObject, SaysWhichItIsInAProblem) {
    const auto result = read_live_object({ObjectKind::resource, "prod"}, "{}", live, FakeEnvironment{});
    const auto& problems = std::get<std::vector<Problem>>(result);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(to_string(problems[0]), "live resource 'prod': the key 'host' is missing");
}

TEST(LiveObject, HasANameThatItCouldHaveInTheFile) {
    EXPECT_TRUE(std::holds_alternative<std::vector<Problem>>(
        read_live_object({ObjectKind::user, "*"}, "{}", live, FakeEnvironment{})));
    EXPECT_TRUE(std::holds_alternative<std::vector<Problem>>(
        read_live_object({ObjectKind::resource, "a/b"}, R"({"host":"h"})", live, FakeEnvironment{})));
    EXPECT_TRUE(std::holds_alternative<std::vector<Problem>>(
        read_live_object({ObjectKind::group, ""}, "{}", live, FakeEnvironment{})));
}

TEST(LiveObject, IsAnObject) {
    for (const std::string json : {"null", "[]", "\"alice\"", "7"}) {
        EXPECT_THAT(problems_of_live(ObjectKind::user, json), OnlyProblem("", "expected an object")) << json;
    }
    EXPECT_THAT(problems_of_live(ObjectKind::user, "{"), OnlyProblem("", "not valid JSON"));
    EXPECT_THAT(problems_of_live(ObjectKind::user, "alice: {}"), OnlyProblem("", "not valid JSON"));
    EXPECT_THAT(problems_of_live(ObjectKind::user, std::string(200, '[') + std::string(200, ']')),
                OnlyProblem("", "not valid JSON"));
    EXPECT_THAT(problems_of_live(ObjectKind::user, std::string(largest_file + 1, ' ')),
                OnlyProblem("", "larger"));
}

std::string with_password(const std::string& reference) {
    return R"({"host":"h","admin_login":{"user":"admin","password":)" + reference + "}}";
}

TEST(LiveSecret, ComesFromAFileInItsDirectory) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/live/admin", "hunter2\n");
    const auto resource = read_live<Resource>(
        ObjectKind::resource, with_password(R"({"file":"/etc/curfew/live/admin"})"), environment);
    ASSERT_TRUE(resource.admin_login && resource.admin_login->password);
    EXPECT_EQ(resource.admin_login->password->reveal(), "hunter2");
}

TEST(LiveSecret, ComesFromNowhereElse) {
    FakeEnvironment environment;
    environment.set_variable("CREDENTIALS_DIRECTORY", "/run/credentials/curfewd.service");
    environment.set_variable("SECRET", "hunter2");
    for (const std::string path :
         {"/run/credentials/curfewd.service/admin", "/etc/curfew/live/../admin", "/etc/curfew/liveadmin",
          "/etc/curfew/live/./admin", "/etc/curfew/live//admin", "/etc/curfew/live", "/etc/curfew/live/",
          "admin", "/etc/curfew/live/x/.."}) {
        environment.add_file(path, "hunter2\n");
        const auto problems =
            problems_of_live(ObjectKind::resource, with_password(R"({"file":")" + path + "\"}"), environment);
        EXPECT_THAT(problems, OnlyProblem("admin_login.password.file", "files in /etc/curfew/live alone"))
            << path;
        EXPECT_THAT(problems, Each(Not(HasSubstr("hunter2"))));
    }
    environment.add_file("/run/credentials/curfewd.service/admin", "hunter2\n");
    for (const std::string reference : {R"({"env":"SECRET"})", R"({"credential":"admin"})"}) {
        EXPECT_THAT(problems_of_live(ObjectKind::resource, with_password(reference), environment),
                    OnlyProblem("admin_login.password", "expected { file: PATH }"));
    }
    EXPECT_THAT(problems_of_live(ObjectKind::resource, with_password("\"hunter2\""), environment),
                ElementsAre(Not(HasSubstr("hunter2"))));
}

TEST(LiveObject, NamesNoFileWhereNoDirectoryIsSet) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/live/x", verifier);
    EXPECT_THAT(problems_of_live(ObjectKind::user, R"({"scram_verifier":{"file":"/etc/curfew/live/x"}})",
                                 environment, Live{}),
                OnlyProblem("scram_verifier.file", "set 'live.files'"));
}

TEST(LiveObject, CertificatesAreInThatDirectoryToo) {
    FakeEnvironment environment;
    const auto pem = make_self_signed();
    environment.add_file("/etc/curfew/ca.crt", pem.certificate);
    environment.add_file("/etc/curfew/live/ca.crt", pem.certificate);
    const auto tls = [](const std::string& path) {
        return R"({"host":"h","tls":{"sslmode":"verify-full","root_certificate":")" + path + "\"}}";
    };
    EXPECT_THAT(problems_of_live(ObjectKind::resource, tls("/etc/curfew/ca.crt"), environment),
                OnlyProblem("tls.root_certificate", "files in /etc/curfew/live alone"));
    EXPECT_THAT(problems_of_live(ObjectKind::resource, tls("/etc/curfew/live/ca.crt"), environment),
                IsEmpty());
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
    {ObjectKind::resource, R"({"host":"/","port":5433,"description":"At the root"})"},
    {ObjectKind::resource, R"({"host":"fe80::1","port":1})"},
    {ObjectKind::resource, R"({"host":"db.example.org","tls":{"sslmode":"verify-full",
        "root_certificate":"/etc/curfew/live/tls.crt","certificate":"/etc/curfew/live/tls.crt",
        "key":"/etc/curfew/live/tls.key"},"databases":["orders","b i"],"default_database":"b i","login":"managed",
        "authentication":"scram_or_certificate",
        "role":{"user":"app","password":{"file":"/etc/curfew/live/password"}},
        "admin_login":{"user":"admin","password":{"file":"/etc/curfew/live/password"},"database":"template1"},
        "attributes":{"env":"prod","a: b":"yes","n":"1.0"}})"},
    {ObjectKind::rule, R"({"resources":["prod"],"approval_groups":["dba"]})"},
    {ObjectKind::rule, R"({"description":"Orders","types":["jit","command"],"resources":["on","prod"],
        "attributes":{"env":"prod"},"required_groups":["developers"],"approval_groups":["dba","security"],
        "require_all_groups":true,"min_approvals":2,"force_approval_groups":["leads"],
        "skip_review_groups":["on call"],"break_glass_groups":["dba"],"max_duration":"48h",
        "default_duration":"1h30m","break_glass_duration":"45s","reason_pattern":"^OPS-[0-9]+\\b",
        "allowed_times":{"time_zone":"Europe/Berlin","windows":["Mon-Fri 08:00-18:00","Sat 22:00-02:00"]}})"},
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
    const auto document = parse_document(yaml + rest);
    ASSERT_TRUE(std::holds_alternative<DocumentNode>(document)) << yaml;
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
