#include "cli/environment.hpp"

#include <cstdlib>

namespace curfew::cli {

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
    return value == nullptr ? "" : value;
}

}  // namespace curfew::cli
