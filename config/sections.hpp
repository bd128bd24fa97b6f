// The readers of the file's sections, and the checks that look across them. For load.cpp.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace curfew::config {

// Each reads its part of the top level into `config` and reports what is wrong. What cannot be read keeps its
// default; a listener, resource or user that is broken inside is there all the same, so that others that
// name it are not reported as well.
void read_listeners(const Section& top, Config& config);
void read_resources(const Section& top, Config& config);
void read_people(const Section& top, Config& config);
void read_settings(const Section& top, Config& config);

// Reports what no single key shows: values that contradict each other, names that nothing has.
void check_clashes(const Config& config, Report& report);

}  // namespace curfew::config
