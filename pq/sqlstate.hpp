// SQLSTATEs of PostgreSQL's that something is made of here (its appendix A).
#pragma once

#include <string_view>

namespace curfew::pq {

inline constexpr std::string_view insufficient_privilege = "42501";

}  // namespace curfew::pq
