// What an administrator keeps: users, groups, resources and rules, each with the settings that it has.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.hpp"

namespace curfew::cli {

// How a setting is written on the command line.
enum class Form {
    text,
    number,
    duration,
    yes,     // a flag
    names,   // separated by commas
    lines,   // one an option; may hold commas
    pairs,   // `env=prod,team=dba`
    secret,  // `file:/etc/…`, `env:NAME`, `credential:NAME`
};

struct Setting {
    std::string_view option;  // `--sslmode`
    std::string_view key;     // in the object: `tls.sslmode`
    Form form;
    std::string_view help;
};

struct ObjectKind {
    std::string_view name;     // `resource`
    std::string_view section;  // `resources`: of the API's paths and the configuration file
    std::span<const Setting> settings;
};

// In the order in which they can be made: each names only what stands before it.
std::span<const ObjectKind> object_kinds();
const ObjectKind& kind_named(std::string_view name);  // one of object_kinds()
// The settings of a rule that `create resource` takes for the rule that it makes.
std::span<const Setting> settings_of_resource_rule();

// Puts what stands on the command line into `settings`; an empty text or list takes the setting away. Returns
// what is wrong with it, empty if nothing is.
std::string put_setting(const Setting& setting, const std::vector<std::string>& values,
                        boost::json::object& settings);

// The settings in an object as the API shows it: what it shows beside them, and what has nothing in it, left
// out.
boost::json::object settings_shown(const ObjectKind& kind, const boost::json::value& shown);

}  // namespace curfew::cli
