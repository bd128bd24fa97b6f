// Base64 as SCRAM messages and verifiers carry it: that of base/.
#pragma once

#include "base/base64.hpp"

namespace curfew::postgres {

using curfew::decode_base64;
using curfew::encode_base64;

}  // namespace curfew::postgres
