// What an event says of a change: how it was before, and how it is after. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "policy/command.hpp"

namespace curfew::store {

// Of two JSON documents, absent where there is none: an object of `before` and `after`, with what differs
// between two, and with all of one that is alone (then the other is null). What is large is told by its size
// and its digest. A password, or what else may be a secret, is `set`, and `changed` where it is another.
boost::json::object change_summary(const std::optional<std::string>& before,
                                   const std::optional<std::string>& after);

// Which command is asked for, without a word of it: how it would come, how large it is, `sha256` of its SQL
// (of a script what sha256sum(1) says of the file), and `document_sha256` of all that the store keeps of it,
// the values too.
boost::json::object command_summary(const policy::Command& command);
// What came of it: nothing of what it answered but its tags, the first of many.
boost::json::object result_summary(const policy::CommandResult& result);

}  // namespace curfew::store
