// Cards for Teams, held against what Adaptive Cards 1.5 documents of the elements that they are made of.
#include "notify/teams.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "http_receiver.hpp"
#include "notice_fixture.hpp"
#include "support/running_loop.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;
using test::HttpReceiver;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace json = boost::json;

std::string wrong_in_card(const json::value& message) {
    std::ifstream file{std::string{CURFEW_SOURCE_DIR} + "/tests/unit/notify/teams-message-schema.json"};
    const json::value document = json::parse(std::string{std::istreambuf_iterator<char>{file}, {}});
    valijson::Schema schema;
    valijson::SchemaParser parser;
    const valijson::adapters::BoostJsonAdapter schema_adapter{document};
    parser.populateSchema(schema_adapter, schema);
    const valijson::adapters::BoostJsonAdapter adapter{message};
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

// As a workflow does: what is no card is refused, what is too large as well.
HttpReceiver::Response as_a_workflow(const HttpReceiver::Request& request) {
    constexpr std::size_t largest = 28 * 1024;
    if (request.body().size() > largest) return HttpReceiver::status(413);
    if (request["Content-Type"] != "application/json") return HttpReceiver::status(415);
    boost::system::error_code error;
    const json::value message = json::parse(request.body(), error);
    if (error || !wrong_in_card(message).empty()) return HttpReceiver::status(400);
    return HttpReceiver::status(202);
}

class Teams : public NoticeTest {
protected:
    NoticeText text() {
        asked();
        const Given given = news().back();
        return text_of(given.notice, given.facts, *surroundings());
    }
    SendOutcome post(const HttpReceiver& server) {
        config::TeamsSettings settings;
        settings.url = Secret{server.url("/workflows/abc/triggers/manual/paths/invoke?sig=hunter2")};
        TeamsNotifier teams{settings, pool, clock};
        asked();
        const Given given = news().back();
        store::Delivery delivery;
        delivery.id = DeliveryId::generate();
        auto sending = teams.send({delivery, std::nullopt, given.notice, given.facts, surroundings()});
        return test::await(std::move(sending));
    }

    http::WorkerPool pool{{.name = "test", .threads = 1, .too_busy = "busy"}};
};

TEST_F(Teams, TakesItsCards) {
    declare(declared + "api: { public_url: 'https://curfew.example.com' }\n").value();
    HttpReceiver server{as_a_workflow};
    const SendOutcome outcome = post(server);
    EXPECT_TRUE(std::holds_alternative<Sent>(outcome))
        << (std::holds_alternative<NotSent>(outcome) ? std::get<NotSent>(outcome).problem : "");
    const auto request = server.next();
    EXPECT_EQ(request.target(), "/workflows/abc/triggers/manual/paths/invoke?sig=hunter2");
    const json::value card = json::parse(request.body()).at("attachments").as_array()[0].at("content");
    EXPECT_EQ(card.at("version").as_string(), "1.5");
    const json::value action = card.at("actions").as_array()[0];
    EXPECT_EQ(action.at("type").as_string(), "Action.OpenUrl");
    EXPECT_THAT(std::string{action.at("url").as_string()},
                HasSubstr("https://curfew.example.com/requests/r-"));
}

TEST_F(Teams, TakesACardOfEveryNotice) {
    approve(asked(), "carol").value();
    reject(asked(), "dave").value();
    glass_broken();
    clock.advance(3h);
    await(desk->settle()).value();
    for (const Given& given : news()) {
        const json::value message = teams_message(text_of(given.notice, given.facts, *surroundings()));
        EXPECT_THAT(wrong_in_card(message), IsEmpty()) << json::serialize(message);
    }
}

TEST_F(Teams, IsGivenACommandWhereThereIsNoPage) {
    const json::value message = teams_message(text());
    EXPECT_THAT(json::serialize(message), HasSubstr("curfew approve r-"));
    EXPECT_EQ(message.at("attachments").as_array()[0].at("content").as_object().if_contains("actions"),
              nullptr);
}

TEST_F(Teams, IsGivenNothingThatMarksUp) {
    NoticeText notice = text();
    notice.lines.push_back({"Reason", "[approve](https://evil.example) **now** <at>bob</at>"});
    const json::value message = teams_message(notice);
    EXPECT_THAT(wrong_in_card(message), IsEmpty());
    // Text runs alone show what is written in them as it is.
    EXPECT_THAT(json::serialize(message), Not(HasSubstr(R"("type":"TextBlock")")));
    EXPECT_THAT(json::serialize(message), Not(HasSubstr("FactSet")));
}

TEST_F(Teams, IsGivenNoMoreThanItTakes) {
    NoticeText notice = text();
    for (int i = 0; i < 100; ++i)
        notice.lines.push_back({"Rule", std::string(1000, 'x')});
    const std::string message = json::serialize(teams_message(notice));
    EXPECT_LE(message.size(), largest_card);
    EXPECT_THAT(message, HasSubstr("…"));
    EXPECT_THAT(wrong_in_card(json::parse(message)), IsEmpty());
}

TEST_F(Teams, IsAskedAgainWhenItSaysThatItIsTooMuch) {
    HttpReceiver server{[](const auto&) {
        auto response = HttpReceiver::status(429);
        response.set("Retry-After", "30");
        return response;
    }};
    const auto outcome = post(server);
    ASSERT_TRUE(std::holds_alternative<NotSent>(outcome));
    EXPECT_EQ(std::get<NotSent>(outcome).retry_after, 30s);
    EXPECT_THAT(std::get<NotSent>(outcome).problem, Not(HasSubstr("hunter2")));
    EXPECT_THAT(std::get<NotSent>(outcome).problem, Not(HasSubstr("workflows/abc")));
}

TEST_F(Teams, WouldRefuseACardThatIsNone) {
    json::value message = teams_message(text());
    auto& card = message.as_object()["attachments"].as_array()[0].as_object()["content"].as_object();
    card["body"].as_array().push_back(json::object{{"type", "TextRun"}, {"text", "alone"}});
    EXPECT_THAT(wrong_in_card(message), Not(IsEmpty()));
}

}  // namespace
}  // namespace curfew::notify
