// `curfewd check FILE`.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/problem.hpp"

namespace curfew::apps {

// Everything that is wrong, a line each, as `file:line:column: key: message`.
void print_problems(std::ostream& err, const std::vector<config::Problem>& problems);

// `1 listener, 2 resources, 12 users, 3 groups, 1 rule`.
std::string summary(const config::Config& config);

// Reads the file and all that it refers to, as starting would, and opens nothing. What is wrong goes to
// `err`; a valid file is summed up on `out`, with remarks on `err`. True: valid.
bool check_config(const std::string& file, std::ostream& out, std::ostream& err);

}  // namespace curfew::apps
