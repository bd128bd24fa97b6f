#include "support/metrics_text.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "support/byte_stream.hpp"

namespace curfew::test {
namespace {

// `name{label="value",…} 12.5`. Escapes in values: \\ \" \n.
Sample parse_sample(const std::string& line) {
    Sample sample;
    std::size_t at = line.find_first_of("{ ");
    if (at == std::string::npos) throw std::runtime_error("no sample: " + line);
    sample.name = line.substr(0, at);
    if (line[at] == '{') {
        ++at;
        while (at < line.size() && line[at] != '}') {
            const std::size_t equals = line.find("=\"", at);
            if (equals == std::string::npos) throw std::runtime_error("no label: " + line);
            const std::string name = line.substr(at, equals - at);
            std::string value;
            for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
                if (line[at] == '\\' && ++at < line.size()) {
                    value += line[at] == 'n' ? '\n' : line[at];
                } else {
                    value += line[at];
                }
            }
            sample.labels[name] = value;
            ++at;
            if (at < line.size() && line[at] == ',') ++at;
        }
        ++at;
    }
    if (at >= line.size()) throw std::runtime_error("no value: " + line);
    sample.value = std::stod(line.substr(at));
    return sample;
}

bool carries(const Sample& sample, std::string_view name, const std::map<std::string, std::string>& labels) {
    return sample.name == name && std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
               const auto found = sample.labels.find(label.first);
               return found != sample.labels.end() && found->second == label.second;
           });
}

}  // namespace

MetricsText::MetricsText(std::string text) : text_{std::move(text)} {
    std::istringstream lines{text_};
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line[0] != '#') samples_.push_back(parse_sample(line));
    }
}

double MetricsText::sum(std::string_view name, const std::map<std::string, std::string>& labels) const {
    double total = 0;
    for (const Sample& sample : samples_) {
        if (carries(sample, name, labels)) total += sample.value;
    }
    return total;
}

bool MetricsText::has(std::string_view name, const std::map<std::string, std::string>& labels) const {
    return std::any_of(samples_.begin(), samples_.end(),
                       [&](const Sample& sample) { return carries(sample, name, labels); });
}

HttpAnswer http_get(std::uint16_t port, const std::string& path) {
    ByteStream stream = ByteStream::connect_tcp(port);
    // 1.0: the body goes up to the end of the connection, in one piece.
    stream.write("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n");
    std::string answer;
    ByteStream::End end = ByteStream::End::none;
    while (end == ByteStream::End::none)
        answer += stream.read_some(end);
    const std::size_t body = answer.find("\r\n\r\n");
    if (body == std::string::npos || !answer.starts_with("HTTP/1."))
        throw std::runtime_error("no HTTP answer: " + answer);
    return {std::stoi(answer.substr(9, 3)), answer.substr(0, body), answer.substr(body + 4)};
}

}  // namespace curfew::test
