// `curfew verifier`: what a configuration keeps instead of a password.
#pragma once

#include "cli/output.hpp"

namespace curfew::cli {

// Reads a new password and prints its SCRAM-SHA-256 verifier (RFC 5803, as PostgreSQL writes it) for
// `users.NAME.scram_verifier`. Talks to nobody.
ExitCode make_verifier(const Context& context, int iterations);

}  // namespace curfew::cli
