// The dashboard and the alert rules, asked of a real Prometheus that scrapes a real curfewd while people
// work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli_office.hpp"
#include "running_prometheus.hpp"
#include "support/pg_connection.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

const std::filesystem::path folder{CURFEW_MONITORING};

std::string text(const json::value& object, const char* key) {
    return json::value_to<std::string>(object.at(key));
}

// A query as Grafana sends it: all of everything, over a minute.
std::string substituted(std::string query) {
    const std::vector<std::pair<std::string, std::string>> values{{"$job", "curfew"},
                                                                  {"$node", ".*"},
                                                                  {"$resource", ".*"},
                                                                  {"$__rate_interval", "1m"},
                                                                  {"$__range", "1m"}};
    for (const auto& [name, value] : values) {
        for (auto at = query.find(name); at != std::string::npos; at = query.find(name))
            query.replace(at, name.size(), value);
    }
    return query;
}

// What each is called (the panel's title, and the series' name), and what it asks.
std::vector<std::pair<std::string, std::string>> queries_of_the_dashboard() {
    std::ifstream file{folder / "curfew-dashboard.json"};
    const json::value dashboard = json::parse(std::string{std::istreambuf_iterator<char>{file}, {}});
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& panel : dashboard.at("panels").as_array()) {
        if (text(panel, "type") == "row") continue;
        for (const auto& target : panel.at("targets").as_array())
            found.emplace_back(text(panel, "title") + " / " + text(target, "legendFormat"),
                               substituted(text(target, "expr")));
    }
    for (const auto& annotation : dashboard.at("annotations").at("list").as_array())
        found.emplace_back(text(annotation, "name"), substituted(text(annotation, "expr")));
    return found;
}

// What does not happen in these tests.
const std::set<std::string> do_not_happen{"Left behind / {{resource}}: {{kind}}",
                                          "Teardown, not finished / {{resource}}: given up",
                                          "Connections / dropped: {{reason}}",
                                          "Notifications / {{notifier}}: {{outcome}}",
                                          "Notifications waiting / {{notifier}}",
                                          "Oldest notification / {{notifier}}",
                                          "Not recorded, or held up / {{kind}}",
                                          "Not recorded, or held up / held up",
                                          "Uploads / {{outcome}}",
                                          "Events sent on / {{receiver}}",
                                          "Attempts that failed / {{receiver}}",
                                          "Oldest event waiting / {{receiver}}",
                                          "Heads signed / {{outcome}}"};

class Monitoring : public AtTheOffice {
protected:
    Monitoring()
        : resource{new_resource({"--login", "passthrough", "--admin-login", "curfew_admin",
                                 "--break-glass-groups", "oncall", "--break-glass-duration", "30m"})} {}

    std::string conninfo() const {
        return office.curfew().conninfo("alice", resource) + " password=wonderland";
    }
    void await(const std::string& expression) const {
        EXPECT_FALSE(prometheus.await(expression).empty()) << expression << "\n" << prometheus.log();
    }
    std::string of_resource(const std::string& metric, const std::string& more = "") const {
        return metric + "{resource=\"" + resource + "\"" + more + "}";
    }
    // A quantile of nothing is no number.
    bool gives_a_value(const std::string& query) const {
        return eventually([&] {
            const auto series = prometheus.query(query);
            return std::any_of(series.begin(), series.end(),
                               [](const json::value& one) { return !std::isnan(value_of(one)); });
        });
    }
    // Somebody gets in, works and is put out; somebody waits; somebody breaks the glass; somebody is refused.
    // Gives a session that is live in the end.
    PgConnection live_through_a_day() {
        await(of_resource("curfew_sessions_total", ",cause=\"grant_revoked\"") + " == 0");
        await(of_resource("curfew_admin_connection_up") + " == 1");
        // The first makes the series, the second is a step of it.
        EXPECT_THROW(PgConnection{conninfo()}, PgError);
        await(of_resource("curfew_admissions_total", ",reason=\"no_grant\"") + " == 1");
        EXPECT_THROW(PgConnection{conninfo()}, PgError);
        const std::string request = get_access(resource);
        const PgConnection session{conninfo()};
        await(of_resource("curfew_sessions") + " == 1");
        await("curfew_next_expiry_seconds < 3600");
        bob.does({"revoke", request});
        await(of_resource("curfew_sessions_total", ",cause=\"grant_revoked\"") + " == 1");
        alice.does({"request", resource, "--break-glass", "--reason", "the shop is down"});
        alice.does({"request", new_resource(), "--for", "10m"});
        return PgConnection{conninfo()};
    }

    const std::string resource;
    const RunningPrometheus prometheus{office.curfew().metrics_port(), folder / "curfew-alerts.yaml"};
};

TEST_F(Monitoring, ShowsWhatHappens) {
    const PgConnection session = live_through_a_day();
    await("curfew_requests_pending >= 1");
    await("curfew_oldest_pending_request_seconds > 0");
    await("curfew_reviews_due >= 1");
    await("curfew_oldest_review_due_seconds > 0");
    await("sum by (resource) (increase(" + of_resource("curfew_break_glass_total") + "[1m])) > 0");
    for (const auto& [name, query] : queries_of_the_dashboard()) {
        SCOPED_TRACE(name + ": " + query);
        ASSERT_NO_THROW(prometheus.query(query));
        if (do_not_happen.contains(name)) continue;
        EXPECT_TRUE(gives_a_value(query));
    }
}

TEST_F(Monitoring, AlertsOfBrokenGlassAndOfNothingElse) {
    await(of_resource("curfew_break_glass_total") + " == 0");
    alice.does({"request", resource, "--break-glass", "--reason", "the shop is down"});
    const auto alerts = prometheus.await(R"(ALERTS{alertstate="firing", resource=")" + resource + "\"}");
    ASSERT_EQ(alerts.size(), 1U) << json::serialize(alerts);
    EXPECT_EQ(text(alerts[0].at("metric"), "alertname"), "CurfewBreakGlass");
    EXPECT_EQ(text(alerts[0].at("metric"), "severity"), "critical");
}

TEST_F(Monitoring, LoadsEveryRuleAndCanEvaluateIt) {
    await("curfew_ready == 1");
    std::set<std::string> loaded;
    const bool evaluated = eventually([&] {
        const auto rules = prometheus.rules();
        return std::all_of(rules.begin(), rules.end(),
                           [](const json::value& rule) { return text(rule, "health") == "ok"; });
    });
    for (const auto& rule : prometheus.rules()) {
        EXPECT_TRUE(loaded.insert(text(rule, "name")).second);
        EXPECT_EQ(text(rule, "health"), "ok") << json::serialize(rule);
        EXPECT_NO_THROW(prometheus.query(text(rule, "query"))) << text(rule, "name");
        for (const auto& alert : rule.at("alerts").as_array()) {
            for (const auto& [key, value] : alert.at("annotations").as_object())
                EXPECT_THAT(json::value_to<std::string>(value), Not(HasSubstr("error expanding"))) << key;
        }
    }
    EXPECT_TRUE(evaluated);
    EXPECT_GT(loaded.size(), 20U);
}

}  // namespace
}  // namespace curfew::test
