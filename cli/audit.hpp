// `curfew audit`: the audit trail listed, exported and verified, and what it is signed with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/output.hpp"

namespace curfew::cli {

// Which events. What is empty does not narrow the list; instants as a person types them.
struct TrailChoice {
    std::string since;
    std::string until;
    std::string kind;
    std::string id;
    std::string actor;
    std::size_t limit = 50;  // of a list
};

// The newest first.
ExitCode list_trail(const Context& context, const TrailChoice& choice);
// The oldest first, each a line of JSON.
ExitCode export_trail(const Context& context, const TrailChoice& choice);

// `pem`: nothing but the key, for a file.
ExitCode show_audit_key(const Context& context, bool pem);
// A line of JSON.
ExitCode show_audit_head(const Context& context);

struct TrailVerification {
    std::string from;                // a file that was exported, `-` for standard input; empty: by the API
    std::string from_store;          // the file of a store; empty: none
    std::vector<std::string> heads;  // files of signed heads
    std::vector<std::string> keys;   // files of public keys, by which these are verified
    std::uint64_t at_least = 0;      // the number of an event that has to be there
    bool excerpt = false;            // it begins anywhere
};
ExitCode verify_trail(const Context& context, const TrailVerification& wanted);

}  // namespace curfew::cli
