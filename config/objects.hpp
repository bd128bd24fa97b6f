// Users, groups, resources and rules one by one: as JSON documents for those that are made live, by the same
// reader that reads the file, and as JSON and YAML again.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "config/environment.hpp"
#include "config/object_name.hpp"
#include "config/problem.hpp"

namespace curfew::config {

using Object = std::variant<User, Group, Resource, policy::Rule>;
ObjectName name_of(const Object& object);

// An object that was made live, as the store keeps it.
struct LiveObject {
    ObjectName name;
    std::string document;  // JSON
};

// What problems of a live object have for a file: `live rule 'prod'`.
std::string live_file(const ObjectName& name);

// The object, or all that is wrong with it. Keys of problems start in the document (`approval_groups[0]`);
// they have no place. What the object names is not looked for: see check_object. It may refer to files in
// `live.files` alone, and its secrets are read from there.
using ObjectResult = std::variant<Object, std::vector<Problem>>;
ObjectResult read_live_object(const ObjectName& name, std::string_view json, const Live& live,
                              const Environment& environment = SystemEnvironment{});

// nullopt if there is no such object.
std::optional<Object> find_object(const Config& config, const ObjectName& name);
// By kind, then by name.
std::vector<Object> live_objects(const Config& config);

// The object without its name, as read_live_object reads it and the file has it, with every default filled
// in. Secrets are references, as they were written.
boost::json::object to_json(const Object& object);

// A configuration file's sections `users`, `groups`, `resources` and `rules` with these objects; those that
// there are none of are left out.
std::string to_yaml(const std::vector<Object>& objects);

}  // namespace curfew::config
