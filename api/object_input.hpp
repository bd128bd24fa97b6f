// What clients send to make and to change a user, group, resource or rule. What stands in it is the
// registry's to read.
#pragma once

#include <string>

#include "api/http_types.hpp"
#include "base/result.hpp"

namespace curfew::api {

// Its settings, as JSON text. invalid: it is no JSON object, or not sent as application/json.
Result<std::string> read_settings(const Request& request);

struct NamedSettings {
    std::string name;
    std::string settings;  // without the name
};
// The same with a member `name`. invalid, also: there is none.
Result<NamedSettings> read_named_settings(const Request& request);

}  // namespace curfew::api
