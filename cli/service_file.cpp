#include "cli/service_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace curfew::cli {
namespace {

// The next line, without its break; what is behind it stays in `text`.
std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

std::string first_service(std::string_view service_file) {
    while (!service_file.empty()) {
        const auto line = take_line(service_file);
        const auto close = line.find(']');
        if (line.starts_with('[') && close != std::string_view::npos)
            return std::string{line.substr(1, close - 1)};
    }
    return {};
}

std::map<std::string, std::string> service_settings(std::string_view service_file) {
    std::map<std::string, std::string> settings;
    bool inside = false;
    while (!service_file.empty()) {
        const auto line = take_line(service_file);
        if (line.starts_with('[')) {
            if (inside) break;
            inside = true;
        }
        const auto equals = line.find('=');
        if (!inside || line.starts_with('[') || line.starts_with('#') || equals == std::string_view::npos)
            continue;
        settings.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return settings;
}

Outcome<std::string> make_service_file(const std::vector<std::pair<std::string, std::string>>& settings) {
    std::string text = "[curfew]\n";
    for (const auto& [name, value] : settings) {
        if (value.find_first_of("\r\n") != std::string::npos || value.find('\0') != std::string::npos) {
            return Failure{ExitCode::usage, fmt::format("The {} cannot hold a line break", name)};
        }
        text += fmt::format("{}={}\n", name, value);
    }
    return text;
}

}  // namespace curfew::cli
