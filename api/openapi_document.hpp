// openapi.yaml, as it was when this was built.
#pragma once

#include <string_view>

namespace curfew::api {

std::string_view openapi_yaml();
std::string_view openapi_json();

}  // namespace curfew::api
