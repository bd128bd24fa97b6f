// Users, groups, resources and rules as administrators see them, in JSON: with every default filled in, who
// changed them last, and whether the file declares them.
//
// A secret is shown as where it is; of a declared object only that there is one.
#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <string>

#include "workflow/registry.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::api {

// What is told of users beside what they are.
struct AboutUsers {
    workflow::RulebookPtr rulebook;
    std::set<std::string> with_passwords;
};

// `about` is looked at for users alone, who need it.
boost::json::object view(const workflow::ObjectView& stands, const AboutUsers& about = {});

}  // namespace curfew::api
