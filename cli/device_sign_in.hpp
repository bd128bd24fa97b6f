// Signing in on another device (RFC 8628): a page and a code to show, and the wait for it.
#pragma once

#include "cli/output.hpp"

namespace curfew::cli {

// Shows where to go and what to enter, on standard error, and waits until that has happened: the SignedIn
// document. not_signed_in: it was refused, or not done in time. interrupted: by Ctrl-C.
Outcome<Answer> sign_in_by_device(const Context& context, const ApiClient& client,
                                  const std::string& token_name);

}  // namespace curfew::cli
