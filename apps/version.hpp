// Which curfewd this is.
#pragma once

#include <string>
#include <string_view>

namespace curfew::apps {

inline constexpr std::string_view version = CURFEW_VERSION;

// The commit that it was built from, abbreviated; `unknown` where the build could not tell.
std::string_view git_revision();

// `curfewd 0.1.0 (1a2b3c4d5e6f)`: what --version prints.
std::string version_line();

}  // namespace curfew::apps
