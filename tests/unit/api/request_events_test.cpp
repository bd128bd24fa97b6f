// GET /api/v1/events: requests that change, to those who may see them.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "api/client_events.hpp"
#include "contract.hpp"
#include "requests_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct ServerEvent {
    std::string name;
    std::string id;
    boost::json::value data;
};

ServerEvent parse_event(const std::string& text) {
    const auto field = [&](const std::string& name) {
        const auto begin = text.find(name + ": ");
        if (begin == std::string::npos) return std::string{};
        const auto value = begin + name.size() + 2;
        return text.substr(value, text.find('\n', value) - value);
    };
    const auto data = field("data");
    return {field("event"), field("id"), data.empty() ? boost::json::value{} : boost::json::parse(data)};
}

class RequestEvents : public AskingByHttp {
protected:
    RawClient watch(const std::string& who, const std::string& query = "?topics=requests",
                    const std::string& last_id = "") const {
        auto headers = headers_of(who + " by cookie");
        if (!last_id.empty()) headers.emplace_back("Last-Event-ID", last_id);
        auto client = RawClient::tcp(admin.port());
        client.send(request_text("GET", "/api/v1/events" + query, "", headers));
        EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
        return client;
    }
    static ServerEvent next(RawClient& client) { return parse_event(client.read_until("\n\n")); }
};

TEST_F(RequestEvents, TellEachChangeToWhoMaySeeIt) {
    auto carol = watch("carol");
    const auto id = pending("bob");
    const auto made = next(carol);
    EXPECT_EQ(made.name, "request");
    EXPECT_EQ(id_of(made.data), id);
    EXPECT_EQ(made.data.at("status"), "PENDING");
    EXPECT_EQ(wrong_by_schema("Request", made.data), "");
    EXPECT_TRUE(made.data.at("view").is_null());
    review("alice", id, R"({"verdict":"approve","comment":"fine"})");
    const auto decided = next(carol);
    EXPECT_EQ(decided.data.at("status"), "APPROVED");
    EXPECT_EQ(decided.data.at("reviews").at(0).at("comment"), "fine");
    call("bob", "POST", "/requests/" + id + "/revoke");
    EXPECT_EQ(next(carol).data.at("status"), "REVOKED");
}

TEST_F(RequestEvents, TellNothingOfRequestsThatOneMayNotSee) {
    auto bob = watch("bob");
    auto by_socket = admin.connect();
    by_socket.send(request_text("GET", "/api/v1/events?topics=requests"));
    by_socket.read_until("\r\n\r\n");
    const auto others = pending("alice");
    review("carol", others, R"({"verdict":"reject","comment":"secret"})");
    const auto own = pending("bob");
    const auto first = bob.read_until("\n\n");
    EXPECT_EQ(id_of(parse_event(first).data), own);
    EXPECT_THAT(first, Not(HasSubstr("secret")));
    EXPECT_EQ(id_of(next(by_socket).data), others) << "administrators see all";
}

TEST_F(RequestEvents, TellWhatTimePassingDoes) {
    auto bob = watch("bob");
    pending("bob");
    next(bob);
    admin.clock.advance(2h);
    admin.await([](Workplace& workplace) { return workplace.desk.settle(); }).value();
    const auto event = next(bob);
    EXPECT_EQ(event.data.at("status"), "REJECTED");
    EXPECT_EQ(event.data.at("decision"), "review_timed_out");
}

TEST_F(RequestEvents, BeginWithWhatHappensFromNowOn) {
    pending("bob");
    auto bob = watch("bob");
    const auto second = pending("bob");
    EXPECT_EQ(id_of(next(bob).data), second);
}

TEST_F(RequestEvents, GoOnWhereTheyBrokeOff) {
    std::string last_id;
    {
        auto bob = watch("bob");
        pending("bob");
        last_id = next(bob).id;
    }
    const auto missed = pending("bob");
    const auto hidden = pending("alice");
    const auto also_missed = pending("bob");
    auto bob = watch("bob", "?topics=requests", last_id);
    const auto first = next(bob);
    EXPECT_EQ(id_of(first.data), missed);
    EXPECT_EQ(id_of(next(bob).data), also_missed);
    auto again = watch("bob", "?topics=requests", first.id);
    EXPECT_EQ(id_of(next(again).data), also_missed);
}

TEST_F(RequestEvents, GoOnFromAnyIdThatIsSentOfSessionsToo) {
    std::string last_id;
    {
        auto bob = watch("bob", "");
        const auto sessions = next(bob);
        EXPECT_EQ(sessions.name, "sessions");
        last_id = sessions.id;
    }
    const auto missed = pending("bob");
    auto bob = watch("bob", "", last_id);
    EXPECT_EQ(next(bob).name, "sessions");
    EXPECT_EQ(id_of(next(bob).data), missed);
}

TEST_F(RequestEvents, TellARequestThatChangedOftenWhileNobodyWatchedOnce) {
    std::string last_id;
    {
        auto carol = watch("carol");
        pending("bob");
        last_id = next(carol).id;
    }
    const auto busy = approved("bob");
    call("bob", "POST", "/requests/" + busy + "/revoke");
    const auto other = pending("bob");
    auto carol = watch("carol", "?topics=requests", last_id);
    const auto first = next(carol);
    EXPECT_EQ(id_of(first.data), busy);
    EXPECT_EQ(first.data.at("status"), "REVOKED");
    EXPECT_EQ(id_of(next(carol).data), other);
}

TEST_F(RequestEvents, SayToReadTheListsAgainWhereTheLastIdIsNotKnown) {
    for (const char* unknown : {"999999", "yesterday", "-1"}) {
        auto bob = watch("bob", "?topics=requests", unknown);
        const auto reset = next(bob);
        EXPECT_EQ(reset.name, "reset") << unknown;
        EXPECT_EQ(reset.data, boost::json::value(boost::json::object{}));
        const auto id = pending("bob");
        EXPECT_EQ(id_of(next(bob).data), id) << "and from there on";
    }
}

TEST(BeginFrom, TakesUpNoMoreThanABoundedNumberOfEvents) {
    const auto begins = [](const std::optional<std::string>& last_id) {
        const auto from = api::begin_from(last_id, 5'000);
        return std::pair{from.position, from.forgotten};
    };
    EXPECT_EQ(begins(std::nullopt), (std::pair{5'000UL, false}));
    EXPECT_EQ(begins("5000"), (std::pair{5'000UL, false}));
    EXPECT_EQ(begins("4000"), (std::pair{4'000UL, false}));
    EXPECT_EQ(begins("3999"), (std::pair{5'000UL, true}));
    EXPECT_EQ(begins("5001"), (std::pair{5'000UL, true}));
}

TEST_F(RequestEvents, AreOfTheTopicsThatWereAskedFor) {
    auto sessions = watch("bob", "?topics=sessions");
    EXPECT_EQ(next(sessions).name, "sessions");
    pending("bob");
    admin.with_control([](FakeControl& control) { control.changed(); });
    EXPECT_EQ(next(sessions).name, "sessions");
    auto both = watch("bob", "?topics=requests,sessions");
    EXPECT_EQ(next(both).name, "sessions");
    const auto id = pending("bob");
    EXPECT_EQ(id_of(next(both).data), id);
    for (const char* wrong : {"grants", "", "sessions,", "requests,requests"})
        EXPECT_EQ(call("bob", "GET", std::string{"/events?topics="} + wrong).status, 400) << wrong;
}

TEST_F(RequestEvents, StopWithTheMembershipThatShowedThem) {
    auto carol = watch("carol");
    const auto first = pending("bob");
    EXPECT_EQ(id_of(next(carol).data), first);
    admin
        .await([](Workplace& workplace) {
            const auto replace = [&](const std::string& from, const std::string& to) {
                workplace.declared.replace(workplace.declared.find(from), from.size(), to);
            };
            replace("dba: [alice, carol]", "dba: [alice]");
            replace("developers: [alice, bob]", "developers: [alice, bob, carol]");
            return workplace.registry.reload();
        })
        .value();
    pending("bob");
    const auto own = pending("carol");
    EXPECT_EQ(id_of(next(carol).data), own);
}

TEST(QuietRequestEvents, MoveOnPastWhatTheyDoNotTell) {
    RunningAdmin admin{[](api::ApiServerOptions& options) {
        serve_known_people(options);
        options.api.events.longest_silence = 20ms;
    }};
    auto bob = RawClient::tcp(admin.port());
    bob.send(request_text("GET", "/api/v1/events?topics=requests", "", headers_of("bob by cookie")));
    bob.read_until("\r\n\r\n");
    EXPECT_EQ(bob.read_until("\n\n"), ": nothing changed\n\n");
    admin.request_by_tcp("POST", "/api/v1/requests", R"({"resource":"prod"})", headers_of("alice by cookie"));
    auto silence = bob.read_until("\n\n");
    for (int i = 0; i < 100 && silence == ": nothing changed\n\n"; ++i)
        silence = bob.read_until("\n\n");
    const auto last = admin.await([](Workplace& workplace) { return workplace.store->last_event(); }).value();
    EXPECT_EQ(silence, ": nothing changed\nid: " + std::to_string(last) + "\n\n");
    EXPECT_EQ(bob.read_until("\n\n"), ": nothing changed\n\n") << "it is said once";
}

// --- The stream, and the right to it
// --------------------------------------------------------------------------

class Watching : public testing::Test {
protected:
    // Who the token `watcher` belongs to; nobody: it is not good any more.
    struct Shared {
        std::mutex mutex;
        std::optional<api::Principal> principal = known_callers().front().principal;
    };
    std::shared_ptr<Shared> shared = std::make_shared<Shared>();
    RunningAdmin admin{[shared = shared](api::ApiServerOptions& options) {
        serve_known_people(options);
        options.api.events.longest_silence = 50ms;
        options.api.authenticate = [shared](Secret) -> api::Awaitable<Result<api::Principal>> {
            const std::lock_guard lock{shared->mutex};
            using Found = Result<api::Principal>;
            if (shared->principal) co_return Found{*shared->principal};
            co_return Found{Error{ErrorCode::forbidden, "This token is nobody's"}};
        };
    }};

    RawClient watch() {
        auto client = RawClient::tcp(admin.port());
        client.send(
            request_text("GET", "/api/v1/events?topics=requests", "", {{"Authorization", "Bearer watcher"}}));
        client.read_until("\r\n\r\n");
        return client;
    }
    template <class Change>
    void change(Change how) {
        {
            const std::lock_guard lock{shared->mutex};
            how(shared->principal);
        }
        admin.clock.advance(2s);
    }
};

TEST_F(Watching, GoesOnWhileTheRightToItStands) {
    auto client = watch();
    admin.clock.advance(2s);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(client.read_until("\n\n"), ": nothing changed\n\n");
}

TEST_F(Watching, EndsWithTheSignIn) {
    auto client = watch();
    client.read_until("\n\n");
    change([](auto& principal) { principal.reset(); });
    client.read_to_end();  // the test fails where that does not come
}

TEST_F(Watching, EndsWhereSomebodyIsNoAdministratorAnyMoreOrInOtherGroups) {
    for (const bool administrator : {true, false}) {
        auto client = watch();
        client.read_until("\n\n");
        change([&](auto& principal) {
            if (administrator) {
                principal->is_administrator = !principal->is_administrator;
            } else {
                principal->groups.insert("security");
            }
        });
        client.read_to_end();
    }
}

}  // namespace
}  // namespace curfew::test
