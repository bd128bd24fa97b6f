// docs/metrics.md and /metrics name the same metrics.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "metrics/metrics.hpp"

namespace curfew::metrics {
namespace {

std::set<std::string> names_in(const std::string& text, const std::regex& pattern) {
    std::set<std::string> names;
    for (std::sregex_iterator match{text.begin(), text.end(), pattern}, end; match != end; ++match)
        names.insert((*match)[1]);
    return names;
}

std::set<std::string> exposed() {
    Metrics metrics{"1.2.3", "abc1234"};
    metrics.resource("prod");
    metrics.connection_accepted("main");
    metrics.connection_dropped("protocol_error");
    metrics.store_operation_took("add_grant", Duration{1});
    return names_in(metrics.expose({}), std::regex{"# HELP ([a-z_]+) "});
}

std::set<std::string> documented() {
    std::ifstream file{CURFEW_TEST_DOCUMENTATION};
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    // The tables' rows, whose first column names one metric or several.
    std::string first_columns;
    const std::regex row{"\n\\|([^|]*`(?:curfew|process)_[^|]*)\\|"};
    for (std::sregex_iterator match{page.begin(), page.end(), row}, end; match != end; ++match)
        first_columns += (*match)[1].str() + "\n";
    return names_in(first_columns, std::regex{"`([a-z_]+)`"});
}

TEST(MetricsDocumentation, NamesEveryMetricAndNoOther) {
    EXPECT_EQ(documented(), exposed());
}

}  // namespace
}  // namespace curfew::metrics
