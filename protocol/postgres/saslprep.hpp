// Passwords in the form in which they are hashed.
#pragma once

#include <string_view>

#include "base/secret.hpp"

namespace curfew::postgres {

// `password` prepared by SASLprep (RFC 4013), so that it is the same however it was typed. As in PostgreSQL,
// a password that is not UTF-8, or that SASLprep forbids (control characters, code points unassigned in
// Unicode 3.2 such as emoji, mixed directions) or would leave empty, is taken as it is.
//
// PostgreSQL composes by the Unicode version of its day, this by Unicode 3.2 as the RFC says: about 600 code
// points that came later, or were corrected later, and have a compatibility form (such as U+1F130, a squared
// A) are treated differently.
Secret saslprep(std::string_view password);

}  // namespace curfew::postgres
