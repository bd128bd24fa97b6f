#include "running_prometheus.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "support/free_port.hpp"
#include "support/metrics_text.hpp"
#include "support/timing.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;

constexpr const char* ready = "Server is ready to receive web requests";
// Somebody else may take the port before Prometheus does.
constexpr int attempts = 3;

void write_configuration(const std::filesystem::path& file, std::uint16_t metrics_port,
                         const std::filesystem::path& rules) {
    std::ofstream{file} << "global: { scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: "
                           "200ms }\nrule_files: ["
                        << rules
                        << "]\nscrape_configs:\n  - job_name: curfew\n    static_configs: [{ targets: "
                        << "['127.0.0.1:" << metrics_port << "'] }]\n";
}

std::string url_encoded(const std::string& text) {
    std::string encoded;
    for (const unsigned char c : text) {
        if (std::isalnum(c) != 0) {
            encoded += static_cast<char>(c);
        } else {
            char written[4];
            std::snprintf(written, sizeof written, "%%%02X", c);
            encoded += written;
        }
    }
    return encoded;
}

}  // namespace

RunningPrometheus::RunningPrometheus(std::uint16_t metrics_port, const std::filesystem::path& rules) {
    write_configuration(directory_ / "prometheus.yml", metrics_port, rules);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        port_ = free_port();
        process_ = std::make_unique<Process>(std::vector<std::string>{
            "prometheus", "--config.file=" + (directory_ / "prometheus.yml").string(),
            "--storage.tsdb.path=" + (directory_ / "data").string(),
            "--web.listen-address=127.0.0.1:" + std::to_string(port_)});
        if (process_->wait_for_line(Process::Stream::err, ready)) return;
    }
    throw std::runtime_error("Prometheus did not start:\n" + log());
}

json::value RunningPrometheus::get(const std::string& path) const {
    const HttpAnswer answer = http_get(port_, path);
    const json::value body = json::parse(answer.body);
    if (answer.status != 200) {
        throw std::runtime_error("Prometheus: " + json::value_to<std::string>(body.at("error")) + ": " +
                                 path);
    }
    return body.at("data");
}

json::array RunningPrometheus::query(const std::string& expression) const {
    return get("/api/v1/query?query=" + url_encoded(expression)).at("result").as_array();
}

json::array RunningPrometheus::await(const std::string& expression) const {
    json::array found;
    eventually([&] {
        found = query(expression);
        return !found.empty();
    });
    return found;
}

json::array RunningPrometheus::rules() const {
    const json::value data = get("/api/v1/rules");
    json::array found;
    for (const auto& group : data.at("groups").as_array()) {
        for (const auto& rule : group.at("rules").as_array())
            found.push_back(rule);
    }
    return found;
}

double value_of(const json::value& series) {
    return std::stod(json::value_to<std::string>(series.at("value").as_array().at(1)));
}

}  // namespace curfew::test
