// `curfew receipt`: what a session was allowed and how it ended, signed.
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"

namespace curfew::cli {

// `file`: where to keep it, a new one; empty: it is told in words, or printed as it is with --json.
ExitCode show_receipt(const Context& context, const std::string& session, const std::string& file);

// Of a file, or standard input (`-`); asks nobody. `keys`: whom to trust, each a file with a public key (PEM
// or base64), the key itself in base64, or its fingerprint. findings: it was altered, or none of these signed
// it.
ExitCode verify_receipt(const Context& context, const std::string& file,
                        const std::vector<std::string>& keys);

}  // namespace curfew::cli
