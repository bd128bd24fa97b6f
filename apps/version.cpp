#include "apps/version.hpp"

#include <fmt/format.h>

namespace curfew::apps {

std::string_view git_revision() {
    return CURFEW_GIT_REVISION;
}

std::string version_line() {
    return fmt::format("curfewd {} ({})", version, git_revision());
}

}  // namespace curfew::apps
