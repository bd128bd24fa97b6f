// Prometheus' text format, as far as a test has to read it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::test {

struct Sample {
    std::string name;
    std::map<std::string, std::string> labels;
    double value = 0;
};

class MetricsText {
public:
    // Throws std::runtime_error on a line that is neither comment nor sample.
    explicit MetricsText(std::string text);

    // The sum over the samples of that name that carry these labels, and maybe more; 0 where there is none,
    // as a Prometheus `sum` would leave it out.
    double sum(std::string_view name, const std::map<std::string, std::string>& labels = {}) const;
    bool has(std::string_view name, const std::map<std::string, std::string>& labels = {}) const;
    const std::vector<Sample>& samples() const noexcept { return samples_; }
    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
    std::vector<Sample> samples_;
};

struct HttpAnswer {
    int status = 0;
    std::string headers;
    std::string body;
};

// GET from a server on the loopback.
HttpAnswer http_get(std::uint16_t port, const std::string& path);

}  // namespace curfew::test
