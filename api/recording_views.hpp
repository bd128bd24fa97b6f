// Recordings as the API shows them: where their fields get their names.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "api/recording_shelf.hpp"
#include "store/sessions.hpp"

namespace curfew::api {

// Whose it is, and what is known of it.
boost::json::object recording_view(const store::SessionRecord& session);
// A page of entries, in which they stand as they stand in the recording.
std::string entries_document(const store::SessionRecord& session, const EntriesRead& read);
boost::json::object integrity_view(const recording::Integrity& integrity);
boost::json::object view(const store::SessionRecord& session, const recording::Hit& hit);

}  // namespace curfew::api
