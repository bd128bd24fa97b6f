// The `curfew` command.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace curfew::cli {

struct Invocation;

// Parses the command line, does what it says, and gives the exit code. Never throws.
int run(int argc, const char* const* argv);

// Every command and option there is, declared to `app`.
void declare_all(CLI::App& app, Invocation& invocation);

// `admin resource create …` as `admin create resource …`: both orders are good.
void put_verb_first(std::vector<std::string>& arguments);

}  // namespace curfew::cli
