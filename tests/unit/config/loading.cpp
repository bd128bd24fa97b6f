#include "loading.hpp"

namespace curfew::config::test {

void FakeEnvironment::add_file(const std::string& path, std::string content, mode_t mode) {
    files_[path] = {std::move(content), mode};
}

void FakeEnvironment::set_variable(const std::string& name, std::string value) {
    variables_[name] = std::move(value);
}

Result<File> FakeEnvironment::read_file(const std::string& path, std::size_t limit) const {
    const auto found = files_.find(path);
    if (found == files_.end()) return Error{ErrorCode::not_found, "it does not exist"};
    const auto& [content, mode] = found->second;
    if (content.size() > limit) return Error{ErrorCode::invalid, "it is too large"};
    return File{Secret{content}, mode};
}

std::optional<std::string> FakeEnvironment::variable(const std::string& name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
}

std::string file_with(const std::vector<std::pair<std::string, std::string>>& sections) {
    std::vector<std::pair<std::string, std::string>> all{
        {"listeners", "[{ address: 0.0.0.0:6432 }]"},
        {"resources", "{ prod: { host: 10.0.0.5 } }"},
        {"store", "{ path: /var/lib/curfew/curfew.db }"},
    };
    for (const auto& section : sections) {
        bool replaced = false;
        for (auto& existing : all) {
            if (existing.first != section.first) continue;
            existing.second = section.second;
            replaced = true;
        }
        if (!replaced) all.push_back(section);
    }
    std::string text;
    for (const auto& [key, value] : all) {
        text += key + ": " + value + "\n";
    }
    return text;
}

Config load_valid(const std::string& text, const FakeEnvironment& environment) {
    auto result = load_text(text, "/etc/curfew/curfew.yaml", environment);
    if (auto* config = std::get_if<Config>(&result)) return std::move(*config);
    for (const auto& problem : std::get<std::vector<Problem>>(result)) {
        ADD_FAILURE() << to_string(problem);
    }
    return {};
}

std::vector<std::string> problems_of(const std::string& text, const FakeEnvironment& environment) {
    const auto result = load_text(text, "/etc/curfew/curfew.yaml", environment);
    std::vector<std::string> lines;
    if (const auto* problems = std::get_if<std::vector<Problem>>(&result)) {
        for (const auto& problem : *problems) {
            lines.push_back(problem.key + ": " + problem.message);
        }
    }
    return lines;
}

}  // namespace curfew::config::test
