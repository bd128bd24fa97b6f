// From a YAML file to a Config, or to everything that is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "config/environment.hpp"
#include "config/problem.hpp"

namespace curfew::config {

// A valid configuration with every secret read and every file checked, or all of its problems in the order
// of the file (never empty).
using LoadResult = std::variant<Config, std::vector<Problem>>;

// A file that has nothing live beside it: every name in it must stand in it.
LoadResult load_file(const std::string& path, const Environment& environment = SystemEnvironment{});

// The same for text that is already here. `file_name` is what problems are reported under; relative paths
// start in its directory. Never throws, whatever the text.
LoadResult load_text(std::string_view text, const std::string& file_name, const Environment& environment);

// What a file declares, to be merged with what is live (merge.hpp) before it is used.
struct Declared {
    Config config;
    Report places{{}};  // of everything in the file; no problems
};
using DeclaredResult = std::variant<Declared, std::vector<Problem>>;

// As load_file, but that its rules may name groups and resources that the file does not have.
DeclaredResult load_declared(const std::string& path, const Environment& environment = SystemEnvironment{});
DeclaredResult load_declared_text(std::string_view text, const std::string& file_name,
                                  const Environment& environment);

}  // namespace curfew::config
