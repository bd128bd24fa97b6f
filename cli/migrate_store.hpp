// `curfew admin migrate-store`: from an SQLite store to one in PostgreSQL.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

// `from` is sqlite:PATH; `to` is postgresql:CONNECTION-STRING, or a URI, without a password in it.
struct StoreMove {
    std::string from;
    std::string to;
    bool keep_broken_audit_trail = false;
};

// Talks to no curfewd. Says how many rows of which tables were moved and compared, and what to do next.
ExitCode migrate_store(const Context& context, const StoreMove& move);

}  // namespace curfew::cli
