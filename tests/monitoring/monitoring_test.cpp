// What monitoring/ brings for Prometheus and Grafana fits the metrics that there are, and the page that
// explains it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "unit/metrics/every_metric.hpp"

namespace curfew::test {
namespace {

using testing::IsSubsetOf;
using testing::UnorderedElementsAreArray;

const std::string sources{CURFEW_TEST_SOURCES};

std::string text_of(const std::string& file) {
    std::ifstream stream{sources + "/" + file};
    EXPECT_TRUE(stream) << file;
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string text(const boost::json::value& object, const char* key) {
    const auto* found = object.as_object().if_contains(key);
    return found != nullptr && found->is_string() ? boost::json::value_to<std::string>(*found)
                                                  : std::string{};
}

// As queries may name them: a histogram by its buckets, sum and count.
std::set<std::string> names_for_queries() {
    std::set<std::string> names = metrics::every_metric("(?:counter|gauge)");
    for (const std::string& histogram : metrics::every_metric("histogram")) {
        for (const char* part : {"_bucket", "_sum", "_count"})
            names.insert(histogram + part);
    }
    return names;
}

std::set<std::string> names_in_query(const std::string& query) {
    return metrics::names_in(query, std::regex{R"(\b((?:curfew|process)_[a-z_]+))"});
}

class Dashboard : public testing::Test {
protected:
    // All that show something.
    std::vector<boost::json::value> panels() const {
        std::vector<boost::json::value> found;
        for (const auto& panel : dashboard.at("panels").as_array()) {
            if (text(panel, "type") != "row") found.push_back(panel);
        }
        return found;
    }
    std::vector<std::string> queries() const {
        std::vector<std::string> found;
        for (const auto& panel : panels()) {
            for (const auto& target : panel.at("targets").as_array())
                found.push_back(text(target, "expr"));
        }
        for (const auto& annotation : dashboard.at("annotations").at("list").as_array())
            found.push_back(text(annotation, "expr"));
        return found;
    }

    const boost::json::value dashboard = boost::json::parse(text_of("monitoring/curfew-dashboard.json"));
};

TEST_F(Dashboard, HasPanelsThatSayWhatTheyShow) {
    for (const auto& panel : panels()) {
        const std::string title = text(panel, "title");
        EXPECT_NE(title, "");
        EXPECT_GT(text(panel, "description").size(), 20U) << title;
        EXPECT_NE(text(panel.at("fieldConfig").at("defaults"), "unit"), "") << title;
        EXPECT_FALSE(panel.at("targets").as_array().empty()) << title;
        for (const auto& target : panel.at("targets").as_array())
            EXPECT_NE(text(target, "expr"), "") << title;
    }
}

TEST_F(Dashboard, AsksTheDataSourceThatIsChosen) {
    const auto asks_the_chosen_one = [](const boost::json::value& asking) {
        return text(asking.at("datasource"), "uid") == "${datasource}" &&
               text(asking.at("datasource"), "type") == "prometheus";
    };
    for (const auto& panel : panels()) {
        EXPECT_TRUE(asks_the_chosen_one(panel)) << text(panel, "title");
        for (const auto& target : panel.at("targets").as_array())
            EXPECT_TRUE(asks_the_chosen_one(target)) << text(panel, "title");
    }
    for (const auto& variable : dashboard.at("templating").at("list").as_array()) {
        if (text(variable, "type") == "datasource") continue;
        EXPECT_TRUE(asks_the_chosen_one(variable)) << text(variable, "name");
    }
}

TEST_F(Dashboard, HasOnePanelInEachPlace) {
    std::set<std::int64_t> ids;
    std::set<std::pair<std::int64_t, std::int64_t>> taken;
    for (const auto& panel : dashboard.at("panels").as_array()) {
        const std::string title = text(panel, "title");
        EXPECT_TRUE(ids.insert(panel.at("id").as_int64()).second) << title;
        const auto& place = panel.at("gridPos");
        const auto at = [&place](const char* key) { return place.at(key).as_int64(); };
        EXPECT_LE(at("x") + at("w"), 24) << title;
        for (auto x = at("x"); x < at("x") + at("w"); ++x) {
            for (auto y = at("y"); y < at("y") + at("h"); ++y)
                EXPECT_TRUE(taken.emplace(x, y).second) << title << " lies on another panel";
        }
    }
}

TEST_F(Dashboard, NamesOnlyMetricsThatThereAre) {
    const auto known = names_for_queries();
    for (const std::string& query : queries())
        EXPECT_THAT(names_in_query(query), IsSubsetOf(known)) << query;
}

TEST_F(Dashboard, ShowsEveryMetric) {
    std::set<std::string> shown;
    for (const std::string& query : queries()) {
        for (const std::string& name : names_in_query(query))
            shown.insert(std::regex_replace(name, std::regex{"_(bucket|sum|count)$"}, ""));
    }
    const auto every = metrics::every_metric();
    EXPECT_THAT(shown, UnorderedElementsAreArray(every));
}

TEST_F(Dashboard, UsesTheVariablesThatItHas) {
    std::set<std::string> there;
    for (const auto& variable : dashboard.at("templating").at("list").as_array())
        there.insert(text(variable, "name"));
    std::set<std::string> used{"datasource"};
    for (const std::string& query : queries()) {
        for (const std::string& name : metrics::names_in(query, std::regex{R"(\$([a-z]+))"}))
            used.insert(name);
    }
    EXPECT_EQ(used, there);
}

struct Alert {
    std::string name;
    std::string expr;
    std::string severity;
    std::map<std::string, std::string> annotations;
};

std::vector<Alert> alerts() {
    std::vector<Alert> found;
    for (const auto& group : YAML::Load(text_of("monitoring/curfew-alerts.yaml"))["groups"]) {
        for (const auto& rule : group["rules"]) {
            found.push_back({rule["alert"].as<std::string>(), rule["expr"].as<std::string>(),
                             rule["labels"]["severity"].as<std::string>(),
                             rule["annotations"].as<std::map<std::string, std::string>>()});
        }
    }
    return found;
}

std::set<std::string> names_of(const std::vector<Alert>& alerts) {
    std::set<std::string> names;
    for (const Alert& alert : alerts)
        EXPECT_TRUE(names.insert(alert.name).second) << alert.name << " is there twice";
    return names;
}

TEST(AlertRules, SayWhatHappenedAndWhereToReadOn) {
    for (const auto& [name, expr, severity, annotations] : alerts()) {
        EXPECT_TRUE(severity == "critical" || severity == "warning") << name;
        EXPECT_LT(annotations.at("summary").size(), 110U) << name;
        EXPECT_GT(annotations.at("description").size(), annotations.at("summary").size()) << name;
        std::string anchor = name;
        std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        EXPECT_EQ(annotations.at("runbook_url"), "file:///usr/share/doc/curfew/monitoring.md#" + anchor);
    }
}

TEST(AlertRules, NameOnlyMetricsThatThereAre) {
    const auto known = names_for_queries();
    for (const Alert& alert : alerts()) {
        const auto named = names_in_query(alert.expr);
        EXPECT_THAT(named, IsSubsetOf(known)) << alert.name;
        EXPECT_TRUE(!named.empty() || alert.expr.find("up{") == 0) << alert.name;
    }
}

TEST(AlertRules, HaveTheirSectionsInTheDocumentation) {
    const auto sections =
        metrics::names_in(text_of("docs/monitoring.md"), std::regex{"\n#### (Curfew[A-Za-z]+)\n"});
    EXPECT_EQ(sections, names_of(alerts()));
}

TEST(AlertRules, AreTestedToFire) {
    std::set<std::string> fired;
    for (const auto& test : YAML::Load(text_of("monitoring/curfew-alerts.test.yaml"))["tests"]) {
        for (const auto& one : test["alert_rule_test"]) {
            if (one["exp_alerts"].size() > 0) fired.insert(one["alertname"].as<std::string>());
        }
        for (const auto& one : test["promql_expr_test"]) {
            for (const auto& sample : one["exp_samples"]) {
                for (const std::string& name : metrics::names_in(sample["labels"].as<std::string>(),
                                                                 std::regex{"alertname=\"([A-Za-z]+)\""}))
                    fired.insert(name);
            }
        }
    }
    EXPECT_EQ(fired, names_of(alerts()));
}

}  // namespace
}  // namespace curfew::test
