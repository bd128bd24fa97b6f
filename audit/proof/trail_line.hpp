// One event of the audit trail as a line of JSON, as it is exported: what is verified without the store.
// Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "store/events.hpp"

namespace curfew::audit {

// number, at, kind, id, actor (null: nobody), summary, summary_text, hash. `summary_text` is the summary as
// it was hashed, byte for byte; `summary` the same as JSON, for those who read it.
boost::json::object json_of(const store::ListedEvent& listed);

// Reads that. What `summary` says is not looked at. invalid: a member is missing, or is none.
Result<store::ListedEvent> event_of(const boost::json::value& value);
Result<store::ListedEvent> read_trail_line(std::string_view line);

// A member that is a number from 0, or 64 hexadecimal digits; nullopt: it is none.
std::optional<store::EventNumber> number_in(const boost::json::object& object, std::string_view name);
std::optional<Sha256Digest> hash_in(const boost::json::object& object, std::string_view name);

// 64 small or capital hexadecimal digits.
std::optional<Sha256Digest> parse_hash(std::string_view text);

}  // namespace curfew::audit
