// libpq's connection service files: what stands in PGSERVICEFILE.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/exit_code.hpp"

namespace curfew::cli {

// The name of the first section of a service file; empty if there is none.
std::string first_service(std::string_view service_file);

// What the first section sets, as libpq reads it.
std::map<std::string, std::string> service_settings(std::string_view service_file);

// A service file of these settings, under the name `curfew`. usage: a value that could not stand in it.
Outcome<std::string> make_service_file(const std::vector<std::pair<std::string, std::string>>& settings);

}  // namespace curfew::cli
