// What /metrics serves, judged by Prometheus' own linter.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "metrics/metrics.hpp"

namespace curfew::metrics {
namespace {

using namespace std::chrono_literals;

// promtool's exit status and what it printed, given `exposition` on its standard input.
std::pair<int, std::string> promtool_check(const std::string& exposition) {
    const std::string path = testing::TempDir() + "/curfew-metrics-" + std::to_string(::getpid());
    std::ofstream{path} << exposition;
    const std::string command = std::string{CURFEW_TEST_PROMTOOL} + " check metrics < " + path + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return {-1, "could not start " + command};
    std::string output;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        output.push_back(static_cast<char>(c));
    const int status = ::pclose(pipe);
    std::remove(path.c_str());
    return {WEXITSTATUS(status), output};
}

TEST(Promtool, FindsNothingToSayAboutTheExposition) {
    Metrics metrics{"1.2.3", "abc1234"};
    auto& prod = metrics.resource("prod");
    prod.session_started();
    prod.session_ended(policy::EndCause::grant_expired, 5s);
    prod.client_overstayed(policy::EndCause::grant_expired, 5ms);
    metrics.connection_accepted("main");
    metrics.connection_dropped("protocol_error");
    metrics.admission("prod", AdmissionDecision::refused, "no_grant");
    metrics.store_operation_took("add_grant", 1ms);

    const auto [status, output] = promtool_check(metrics.expose({}));
    EXPECT_EQ(status, 0) << output;
    EXPECT_EQ(output, "");
}

TEST(Promtool, WouldFindABadlyNamedMetric) {
    const auto [status, output] =
        promtool_check("# TYPE curfew_sessions_ended counter\ncurfew_sessions_ended 1\n");
    EXPECT_NE(status, 0) << output;
}

}  // namespace
}  // namespace curfew::metrics
