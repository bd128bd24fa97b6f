// The forms (application/x-www-form-urlencoded) that Slack sends, read strictly.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew::notify::slack {

using Form = std::map<std::string, std::string, std::less<>>;

// invalid: not encoded as it has to be, a name that stands there twice, a NUL, or more than 64 fields.
Result<Form> parse_form(std::string_view body);

}  // namespace curfew::notify::slack
