// docs/metrics.md and /metrics name the same metrics.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "every_metric.hpp"

namespace curfew::metrics {
namespace {

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
    EXPECT_EQ(documented(), every_metric());
}

}  // namespace
}  // namespace curfew::metrics
