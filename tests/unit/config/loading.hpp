// Loading configurations in tests, with files and variables that exist only here.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.hpp"

namespace curfew::config::test {

class FakeEnvironment final : public Environment {
public:
    void add_file(const std::string& path, std::string content, mode_t mode = 0600);
    void set_variable(const std::string& name, std::string value);

    Result<File> read_file(const std::string& path, std::size_t limit) const override;
    std::optional<std::string> variable(const std::string& name) const override;

private:
    std::map<std::string, std::pair<std::string, mode_t>> files_;
    std::map<std::string, std::string> variables_;
};

// The smallest valid file, with top-level sections replaced or added, each as YAML flow text:
// `file_with({{"workers", "2"}})`. One section a line, in the order listeners, resources, store, then others.
std::string file_with(const std::vector<std::pair<std::string, std::string>>& sections);

// The configuration; fails the test, with the problems, where there is none.
Config load_valid(const std::string& text, const FakeEnvironment& environment = {});
// As `key: message`, in the file's order; empty where the configuration is valid.
std::vector<std::string> problems_of(const std::string& text, const FakeEnvironment& environment = {});

// For the problems of a file: exactly one, with this key and this in its message.
MATCHER_P2(OnlyProblem, key, part, "") {
    const std::string prefix = std::string{key} + ": ";
    return arg.size() == 1 && arg.front().starts_with(prefix) &&
           arg.front().find(part, prefix.size()) != std::string::npos;
}

}  // namespace curfew::config::test
