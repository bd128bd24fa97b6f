// The readers of the file's sections and of single objects, and the checks that look across them. For
// load.cpp and object_reader.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/reader.hpp"

namespace curfew::config {

// Each reads its part of the top level into `config` and reports what is wrong. What cannot be read keeps its
// default; a listener or an object that is broken inside is there all the same, so that others that name it
// are not reported as well.
void read_listeners(const Section& top, Config& config);
void read_resources(const Section& top, Config& config);
void read_people(const Section& top, Config& config);
void read_rules(const Section& top, Config& config);
void read_access(const Section& top, Config& config);  // requests, api, sign_in, live
void read_offline_grants(const Section& top, Config& config);
void read_notifiers(const Section& top, Config& config);
void read_audit(const Section& top, Config& config);
void read_settings(const Section& top, Config& config);
void read_recordings(const Section& top, Config& config);  // after the settings: they say where the store is

// One object each, as the file declares it and as it is made live.
User read_user(const std::string& name, const Value& value);
std::vector<std::string> read_group(const std::string& name, const Value& value);
Resource read_resource(const std::string& name, const Value& value);
policy::Rule read_rule(const std::string& name, const Value& value);

// Of a notifier, or of the audit trail.
WebhookSettings read_webhook(const Section& section);

using Attributes = std::map<std::string, std::string>;
Attributes read_attributes(const Section& section);

// Reports what no single key shows: values that contradict each other, names that nothing has.
void check_clashes(const Config& config, Report& report);
// The same for names: two people under one, or one certificate, address or subject for both.
void check_people(const Config& config, Report& report);

}  // namespace curfew::config
