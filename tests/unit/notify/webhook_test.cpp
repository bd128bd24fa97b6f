// Webhooks, as a receiver sees them that verifies what docs/webhooks.md has it verify.
#include "notify/webhook.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/hmac.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/hmac.hpp"
#include "base/time_text.hpp"
#include "command_fixture.hpp"
#include "http_receiver.hpp"
#include "notify/notice_json.hpp"
#include "support/running_loop.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;
using test::HttpReceiver;
using testing::HasSubstr;
using testing::IsEmpty;
namespace json = boost::json;

constexpr const char* the_secret = "a secret of sixteen bytes or more";

// Written anew from the documentation, not with what it is to verify: true if the signature is of this body
// and no older than five minutes.
bool verified(const std::string& header, const std::string& body, std::int64_t now) {
    if (!header.starts_with("t=")) return false;
    const auto comma = header.find(",v1=");
    if (comma == std::string::npos) return false;
    const std::string time = header.substr(2, comma - 2);
    std::int64_t at = 0;
    std::from_chars(time.data(), time.data() + time.size(), at);
    if (std::abs(now - at) > 300) return false;
    const std::string signed_text = time + "." + body;
    std::array<unsigned char, 32> digest{};
    unsigned int length = 0;
    const std::string secret = the_secret;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), digest.data(),
         &length);
    std::string hex;
    for (const unsigned char byte : digest)
        hex += fmt::format("{:02x}", byte);
    return header.substr(comma + 4) == hex;
}

std::string wrong_by_schema(const std::string& body) {
    std::ifstream file{std::string{CURFEW_SOURCE_DIR} + "/docs/webhook-schema.json"};
    const json::value document = json::parse(std::string{std::istreambuf_iterator<char>{file}, {}});
    valijson::Schema schema;
    valijson::SchemaParser parser;
    const valijson::adapters::BoostJsonAdapter schema_adapter{document};
    parser.populateSchema(schema_adapter, schema);
    const json::value value = json::parse(body);
    const valijson::adapters::BoostJsonAdapter adapter{value};
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, adapter, &results)) return {};
    std::string wrong;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        for (const std::string& place : error.context)
            wrong += place;
        wrong += ": " + error.description + "\n";
    }
    return wrong;
}

class Webhooks : public CommandNoticeTest {
protected:
    config::WebhookSettings settings_for(const HttpReceiver& server) {
        config::WebhookSettings settings;
        settings.url = server.url("/curfew?token=abc");
        settings.secret = Secret{the_secret};
        settings.allowed_networks = {IpNetwork::parse("127.0.0.0/8").value()};
        return settings;
    }
    Message message(const Given& given) {
        store::Delivery delivery;
        delivery.id = DeliveryId::generate();
        return {delivery, std::nullopt, given.notice, given.facts, surroundings()};
    }
    // The outcome of posting the notice that a request of alice's gives.
    SendOutcome post(HttpReceiver& server) {
        WebhookNotifier webhook{settings_for(server), pool_, clock};
        asked();
        auto sending = webhook.send(message(news().back()));
        return test::await(std::move(sending));
    }
    NotSent failure(unsigned status, const std::map<std::string, std::string>& headers = {}) {
        HttpReceiver server{[&](const HttpReceiver::Request&) {
            auto response = HttpReceiver::status(status);
            for (const auto& [name, value] : headers)
                response.set(name, value);
            return response;
        }};
        const SendOutcome outcome = post(server);
        if (const auto* failed = std::get_if<NotSent>(&outcome)) return *failed;
        ADD_FAILURE() << "it was taken for sent";
        return {};
    }
    std::int64_t seconds_now() const {
        return std::chrono::floor<std::chrono::seconds>(clock.wall_now()).time_since_epoch().count();
    }

    http::WorkerPool pool_{{.name = "test", .threads = 1, .too_busy = "busy"}};
};

TEST_F(Webhooks, AreSignedAndToldApart) {
    HttpReceiver server{[](const auto&) { return HttpReceiver::status(204); }};
    EXPECT_TRUE(std::holds_alternative<Sent>(post(server)));
    const auto request = server.next();
    EXPECT_EQ(request.method_string(), "POST");
    EXPECT_EQ(request.target(), "/curfew?token=abc");
    EXPECT_EQ(request["Content-Type"], "application/json");
    EXPECT_EQ(request["User-Agent"], "curfewd");
    const std::string signature{request["Curfew-Signature"]};
    EXPECT_TRUE(verified(signature, request.body(), seconds_now())) << signature;
    EXPECT_FALSE(verified(signature, request.body() + " ", seconds_now()));
    EXPECT_FALSE(verified(signature, request.body(), seconds_now() + 301)) << "replayed";
    const json::value body = json::parse(request.body());
    EXPECT_EQ(body.at("id").as_string(), std::string_view{request["Curfew-Delivery"]});
}

TEST_F(Webhooks, SignAsDocumented) {
    const auto at = parse_utc("2026-11-24T14:05:00.900Z").value();
    EXPECT_EQ(webhook_signature(Secret{the_secret}, at, R"({"version":1})"),
              "t=1795529100,v1=" + to_hex(hmac_sha256(Secret{the_secret}, R"(1795529100.{"version":1})")));
}

TEST_F(Webhooks, FollowTheirSchemaInEveryNotice) {
    const auto approved = asked();
    approve(approved, "carol").value();
    reject(asked(), "dave").value();
    glass_broken();
    store::NewGrant by_hand;
    by_hand.subject = {policy::Subject::Kind::user, "alice"};
    by_hand.resource = "prod";
    by_hand.length = 1h;
    by_hand.given_by = "root";
    await(store->add_grant(by_hand)).value();
    asked("alice", "managed");
    revoke(approved, "carol", "done");
    clock.advance(3h);
    await(desk->settle()).value();
    await(store->check_health()).value();
    std::set<NoticeKind> kinds;
    std::vector<Given> all = news();
    Facts script = facts_of_command(a_command(policy::CommandForm::script));
    script.request->command_result = a_result();
    all.push_back({notice_of(NoticeKind::command_ended, script), script, 1});
    for (const Given& given : all) {
        kinds.insert(given.notice.kind);
        const auto body = json::serialize(json_of("d-7k3mq9xd", given.notice, given.facts, *surroundings()));
        EXPECT_THAT(wrong_by_schema(body), IsEmpty()) << body;
    }
    EXPECT_THAT(kinds, testing::ElementsAreArray(config::all_notice_kinds));
}

TEST_F(Webhooks, WouldBeRefusedByTheSchemaIfTheyLackedSomething) {
    asked();
    const Given given = news().front();
    auto body = json_of("d-7k3mq9xd", given.notice, given.facts, *surroundings());
    body["request"].as_object().erase("requester");
    EXPECT_THAT(wrong_by_schema(json::serialize(body)), HasSubstr("requester"));
    body = json_of("r-7k3mq9xd", given.notice, given.facts, *surroundings());
    EXPECT_THAT(wrong_by_schema(json::serialize(body)), HasSubstr("id"));
}

TEST_F(Webhooks, HoldNoSecret) {
    const auto id = asked("alice", "managed");
    approve(id, "carol").value();
    const auto credential = await(desk->issue_credential(id, "alice")).value();
    for (const Given& given : news()) {
        const auto body = json::serialize(json_of("d-7k3mq9xd", given.notice, facts_of(id), *surroundings()));
        EXPECT_THAT(body, testing::Not(HasSubstr("SCRAM")));
        EXPECT_THAT(body, testing::Not(HasSubstr(std::string{credential.password.reveal()})));
    }
}

TEST_F(Webhooks, AreTriedAgainWhereTheReceiverHasTrouble) {
    for (const unsigned status : {400U, 401U, 404U, 429U, 500U, 502U, 503U}) {
        const NotSent failed = failure(status);
        EXPECT_FALSE(failed.for_good) << status;
        EXPECT_THAT(failed.problem, HasSubstr("answered " + std::to_string(status)));
        EXPECT_EQ(failed.retry_after, std::nullopt);
    }
}

TEST_F(Webhooks, WaitAsLongAsTheReceiverAsks) {
    EXPECT_EQ(failure(429, {{"Retry-After", "90"}}).retry_after, 90s);
    EXPECT_EQ(failure(503, {{"Retry-After", "7"}}).retry_after, 7s);
}

TEST_F(Webhooks, AreGivenUpWhereTheReceiverIsGone) {
    EXPECT_TRUE(failure(410).for_good);
}

TEST_F(Webhooks, FollowNoRedirect) {
    HttpReceiver elsewhere{[](const auto&) { return HttpReceiver::status(200); }};
    const NotSent failed = failure(307, {{"Location", elsewhere.url()}});
    EXPECT_THAT(failed.problem, HasSubstr("redirects are not followed"));
    EXPECT_EQ(elsewhere.waiting(), 0U);
}

TEST_F(Webhooks, ShowNothingOfTheirAddressButItsOrigin) {
    EXPECT_THAT(failure(500).problem, testing::Not(HasSubstr("token")));
}

TEST_F(Webhooks, GoToNoPrivateAddressThatIsNotNamed) {
    HttpReceiver server{[](const auto&) { return HttpReceiver::status(200); }};
    config::WebhookSettings settings = settings_for(server);
    settings.allowed_networks.clear();
    WebhookNotifier webhook{settings, pool_, clock};
    asked();
    auto sending = webhook.send(message(news().back()));
    const SendOutcome outcome = test::await(std::move(sending));
    ASSERT_TRUE(std::holds_alternative<NotSent>(outcome));
    EXPECT_THAT(std::get<NotSent>(outcome).problem, HasSubstr("'allowed_networks'"));
    EXPECT_EQ(server.waiting(), 0U);
}

TEST_F(Webhooks, SayOnceWhatBecameOfARequest) {
    HttpReceiver server{[](const auto&) { return HttpReceiver::status(200); }};
    WebhookNotifier webhook{settings_for(server), pool_, clock};
    approve(asked(), "carol").value();
    std::vector<std::string> said;
    for (const Given& given : news()) {
        // Both outlive the call.
        const auto around = surroundings();
        const std::vector<std::string> told;
        auto asking = webhook.recipients(given.notice, given.facts, *around, told);
        if (!test::await(std::move(asking)).value().empty()) said.emplace_back(to_string(given.notice.kind));
    }
    EXPECT_THAT(said, testing::ElementsAre("request_waiting", "grant_ending", "request_approved"));
}

TEST_F(Webhooks, ShowACommandAsListsDo) {
    Facts facts =
        facts_of_command(a_command(policy::CommandForm::script, "SELECT 1" + std::string(5'000, ' ')));
    facts.request->command->statements.push_back(
        a_statement("SELECT $1", {{"a\u202eb", false}, {{}, false}}));
    facts.request->command_result = a_result();
    const auto body =
        json_of("d-7k3mq9xd", notice_of(NoticeKind::command_ended, facts), facts, *surroundings());
    EXPECT_EQ(wrong_by_schema(json::serialize(body)), "");
    const json::object& command = body.at("request").at("command").as_object();
    EXPECT_EQ(command.at("form"), "script");
    EXPECT_EQ(command.at("brief"), true);
    const json::array& statements = command.at("statements").as_array();
    EXPECT_EQ(statements.at(0).at("sql_size"), 5'008U);
    EXPECT_EQ(statements.at(0).at("sql").as_string().size(), 2'000U);
    EXPECT_EQ(statements.at(1).at("parameters").at(0).at("value"), "a\\xe2\\x80\\xaeb");
    EXPECT_TRUE(statements.at(1).at("parameters").at(1).at("value").is_null());
    const json::object& result = body.at("request").at("command_result").as_object();
    EXPECT_EQ(result.at("outcome"), "succeeded");
    EXPECT_EQ(result.at("parts").at(0).at("tag"), "UPDATE 3");
}

TEST_F(Webhooks, HaveNoCommandWhereTimeIsAskedFor) {
    const Facts facts = facts_of(asked());
    const auto body =
        json_of("d-7k3mq9xd", notice_of(NoticeKind::request_waiting, facts), facts, *surroundings());
    EXPECT_EQ(wrong_by_schema(json::serialize(body)), "");
    EXPECT_TRUE(body.at("request").at("command").is_null());
}

}  // namespace
}  // namespace curfew::notify
