// What one may ask for, and why.
#include <gmock/gmock.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "requests_fixture.hpp"

namespace curfew::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

namespace json = boost::json;

class CatalogueByHttp : public AskingByHttp {
protected:
    std::vector<std::string> offered_to(const std::string& who, const std::string& query = "") const {
        return resources_in(call(who, "GET", "/catalogue" + query));
    }
    static std::vector<std::string> resources_in(const HttpReply& reply) {
        std::vector<std::string> names;
        const auto document = reply.json();
        for (const auto& item : document.at("items").as_array())
            names.push_back(text(item.at("resource")));
        return names;
    }
    json::value explained_to(const std::string& who, const std::string& query) const {
        return call(who, "GET", "/explain?" + query).json();
    }
    int status(const std::string& who, const std::string& query) const {
        return call(who, "GET", "/explain" + query).status;
    }
};

TEST_F(CatalogueByHttp, OffersWhatOneMayAskForAlone) {
    EXPECT_THAT(offered_to("bob"), ElementsAre("managed", "prod"));
    EXPECT_THAT(offered_to("carol"), IsEmpty()) << "is not among developers";
    EXPECT_THAT(offered_to("ann"), ElementsAre("managed", "prod", "uncovered"));
    EXPECT_THAT(resources_in(admin.request("GET", "/api/v1/catalogue")),
                ElementsAre("managed", "prod", "uncovered"));
}

TEST_F(CatalogueByHttp, SaysOnWhichTermsAndWhereToConnect) {
    const auto reply = call("bob", "GET", "/catalogue?after=managed").json();
    const json::object terms{{"rules", {"prod"}},
                             {"covered", true},
                             {"may_ask", true},
                             {"max_duration", "4h"},
                             {"default_duration", "1h"},
                             {"break_glass_duration", "30m"},
                             {"reason_required", false},
                             {"reason_patterns", json::array{}},
                             {"allowed_times", json::array{}},
                             {"reviewing_groups", {"dba"}},
                             {"skips_review", false},
                             {"may_break_glass", false}};
    const json::object connection{
        {"host", "127.0.0.1"}, {"port", 6432}, {"database", "prod"}, {"tls", "disable"}};
    const json::value expected = json::object{{"resource", "prod"},
                                              {"description", ""},
                                              {"attributes", json::object{{"env", "prod"}}},
                                              {"databases", {"orders", "stock"}},
                                              {"login", "passthrough"},
                                              {"credential", false},
                                              {"connection", connection},
                                              {"terms", terms}};
    json::object entry = reply.at("items").at(0).as_object();
    EXPECT_EQ(entry.at("command_terms").at("may_ask"), false) << "no rule there is for commands";
    entry.erase("command_terms");
    EXPECT_EQ(json::value(entry), expected) << json::serialize(reply);
}

TEST_F(CatalogueByHttp, OffersEverythingToAnAdministratorWithoutReview) {
    const auto terms = call("ann", "GET", "/catalogue?after=prod").json().at("items").at(0).at("terms");
    EXPECT_EQ(terms.at("may_ask"), true);
    EXPECT_EQ(terms.at("skips_review"), true);
    EXPECT_EQ(terms.at("covered"), false);
    EXPECT_EQ(terms.at("max_duration"), "8h");
    // Whoever is no user sees it all, and may ask for nothing.
    const auto seen = admin.request("GET", "/api/v1/catalogue?after=prod").json().at("items").at(0);
    EXPECT_EQ(seen.at("terms").at("may_ask"), false);
    EXPECT_TRUE(seen.at("terms").at("max_duration").is_null());
}

TEST_F(CatalogueByHttp, SaysWhereGrantsComeWithAPassword) {
    const auto items = call("bob", "GET", "/catalogue").json().at("items");
    EXPECT_EQ(items.at(0).at("resource"), "managed");
    EXPECT_EQ(items.at(0).at("credential"), true);
    EXPECT_EQ(items.at(1).at("credential"), false);
}

TEST_F(CatalogueByHttp, HasNoConnectionWhereNoListenerLeadsThere) {
    admin.with_control([](FakeControl& control) { control.node_status.listeners.clear(); });
    const auto entry = call("bob", "GET", "/catalogue").json().at("items").at(0);
    EXPECT_TRUE(entry.at("connection").is_null());
}

TEST_F(CatalogueByHttp, ComesAPageAtATime) {
    const auto first = call("ann", "GET", "/catalogue?limit=2");
    EXPECT_THAT(resources_in(first), ElementsAre("managed", "prod"));
    const auto next = text(first.json().at("next"));
    const auto second = call("ann", "GET", "/catalogue?limit=2&after=" + next);
    EXPECT_THAT(resources_in(second), ElementsAre("uncovered"));
    EXPECT_TRUE(second.json().at("next").is_null());
    EXPECT_TRUE(call("bob", "GET", "/catalogue?limit=2").json().at("next").is_null())
        << "what comes behind is not for bob";
}

// --- Why
// ------------------------------------------------------------------------------------------------------

TEST_F(CatalogueByHttp, ExplainsWhichRulesCount) {
    const auto own = explained_to("bob", "resource=prod");
    EXPECT_EQ(own.at("user"), "bob");
    EXPECT_EQ(own.at("type"), "jit");
    EXPECT_EQ(own.at("administrator"), false);
    EXPECT_EQ(own.at("rules").at(0).at("applies"), "yes");
    EXPECT_EQ(own.at("rules").at(0).at("rule").at("name"), "prod");
    EXPECT_EQ(own.at("rules").at(0).at("rule").at("max_duration"), "4h");
    EXPECT_EQ(own.at("terms").at("may_ask"), true);
    EXPECT_EQ(explained_to("carol", "resource=prod").at("rules").at(0).at("applies"), "not_in_groups");
    EXPECT_EQ(explained_to("carol", "resource=prod").at("terms").at("covered"), true);
    EXPECT_EQ(explained_to("bob", "resource=uncovered").at("rules").at(0).at("applies"), "other_resource");
    EXPECT_EQ(explained_to("bob", "resource=prod&type=command").at("rules").at(0).at("applies"),
              "other_type");
}

TEST_F(CatalogueByHttp, ExplainsOthersToAdministratorsByAnyOfTheirNames) {
    const auto alice = explained_to("ann", "resource=prod&user=AL");
    EXPECT_EQ(alice.at("user"), "alice");
    EXPECT_EQ(alice.at("terms").at("may_ask"), true);
    EXPECT_EQ(explained_to("ann", "resource=uncovered").at("administrator"), true);
    EXPECT_EQ(explained_to("alice", "resource=prod&user=al").at("user"), "alice") << "that is herself";
    EXPECT_EQ(status("bob", "?resource=prod&user=alice"), 403);
    EXPECT_EQ(status("bob", "?resource=prod&user=nobody"), 403) << "and not whether there is such a user";
}

TEST_F(CatalogueByHttp, ExplainsNothingOfWhatThereIsNot) {
    EXPECT_EQ(status("ann", "?resource=prod&user=nobody"), 404);
    EXPECT_EQ(status("ann", "?resource=nowhere"), 404);
    EXPECT_EQ(status("ann", ""), 400);
    EXPECT_EQ(status("ann", "?resource=prod&type=sql"), 400);
    EXPECT_EQ(admin.request("GET", "/api/v1/explain?resource=prod").status, 400) << "about whom?";
    EXPECT_EQ(admin.request("GET", "/api/v1/explain?resource=prod&user=bob").status, 200);
}

}  // namespace
}  // namespace curfew::test
