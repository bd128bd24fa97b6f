// One configuration out of what the file declares and what was made live.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/environment.hpp"
#include "config/load.hpp"
#include "config/objects.hpp"

namespace curfew::config {

// The configuration that a node runs under, or why the two do not go together:
// - a live object that cannot be read (any more), or whose name the file declares as well;
// - a rule of the file that names a group or a resource that is neither declared nor live;
// - people who would share a name, an address or a certificate; a resource that leads back to a listener.
// Nothing that is live keeps the file from taking somebody or something away: what a live group or rule still
// names then means nobody and nothing, and is remarked upon.
LoadResult merge(const Declared& declared, std::span<const LiveObject> live,
                 const Environment& environment = SystemEnvironment{});

// What is wrong with an object that is being made live, as it stands in the whole: names that nothing has, a
// rule under which nobody could approve. `whole` may have it already. Keys as read_live_object gives them.
std::vector<Problem> check_object(const Object& object, const Config& whole);

// The objects that name this one: groups a user, rules a group or a resource. In their order.
std::vector<ObjectName> named_by(const Config& config, const ObjectName& object);

// The live groups that `user` is in, without them: to be written where the user is removed, so that whoever
// comes by that name later is in none of them.
std::vector<Group> groups_without(const Config& config, std::string_view user);

}  // namespace curfew::config
