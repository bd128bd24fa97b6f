// `curfew admin`: users, groups, resources and rules that are kept live.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin_kinds.hpp"
#include "cli/output.hpp"

namespace curfew::cli {

ExitCode list_objects(const Context& context, const ObjectKind& kind);
// As it would stand in the configuration file.
ExitCode show_object(const Context& context, const ObjectKind& kind, const std::string& name);

struct NewObject {
    std::string name;
    boost::json::object settings;
    // Of a resource: the rule that opens it, of the same name. Both are made, or neither.
    std::optional<boost::json::object> rule;
};
ExitCode create_object(const Context& context, const ObjectKind& kind, const NewObject& object);

struct ObjectChange {
    std::string name;
    // What the command line says, to be put over what is there; empty: in an editor.
    std::vector<std::pair<Setting, std::vector<std::string>>> settings;
    std::vector<std::string> add_members;  // of a group
    std::vector<std::string> remove_members;
};
ExitCode edit_object(const Context& context, const ObjectKind& kind, const ObjectChange& change);

ExitCode delete_object(const Context& context, const ObjectKind& kind, const std::string& name);

// A link for a user to choose a password by.
ExitCode make_one_time_link(const Context& context, const std::string& user);

// `/resources/prod`.
std::string object_path(const ObjectKind& kind, std::string_view name);

}  // namespace curfew::cli
