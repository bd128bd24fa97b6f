// The lines of an OfflineJournal, as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "proxy/offline_journal.hpp"

// The second of each pair throws std::exception where it does not find what the first one wrote.
namespace curfew::proxy {

boost::json::object line_of(const OfflineRecord& record);
OfflineRecord read_record(const boost::json::object& line);

boost::json::object line_of(const store::SessionRecord& session);
store::SessionRecord read_session(const boost::json::object& line);

std::string read_text(const boost::json::object& line, std::string_view name);

}  // namespace curfew::proxy
