// The `curfew` command: administers a running curfewd.
#include "cli/command_line.hpp"

int main(int argc, char** argv) {
    return curfew::cli::run(argc, argv);
}
