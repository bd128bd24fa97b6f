// The files of `curfew offline`: documents that are signed, and the keys that sign them.
#pragma once

#include <string>
#include <string_view>

#include "base/ed25519.hpp"
#include "cli/exit_code.hpp"
#include "policy/offline_grant.hpp"

namespace curfew::cli {

// From a file, from standard input (`-`), or the token itself. usage: it cannot be read, or is none.
Outcome<policy::OfflineDocument> read_document(const std::string& source);
// The same as text, as it is.
Outcome<std::string> read_document_text(const std::string& source);

// In place of what is there: all of it or nothing.
Outcome<void> replace_file(const std::string& path, std::string_view content);
// conflict: there is something already.
Outcome<void> write_new_file(const std::string& path, std::string_view content, unsigned mode);

// usage: it cannot be read, is none, or others can read it as well.
Outcome<Ed25519Key> read_private_key(const std::string& path);

}  // namespace curfew::cli
