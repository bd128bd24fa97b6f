// Which process this is, so that others can tell whether it still runs.
#pragma once

#include <string>

namespace curfew::apps {

// This process and no other, on any host, at any time.
std::string process_identity();

// The host's name: what a node goes by in the records unless it is given another one.
std::string node_name();

// Whether the process of this identity is known to have ended: it ran since this host was started, among
// processes that can be seen from here. False where that cannot be known.
bool is_known_to_have_ended(const std::string& identity);

}  // namespace curfew::apps
