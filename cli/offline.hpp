// `curfew offline …` and `curfew approve --offline`: a grant on the word of approvers, while no store
// answers.
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"

namespace curfew::cli {

// A new private key in this file, which must not be there; prints the public one.
ExitCode make_offline_key(const Context& context, const std::string& path);

struct OfflineRequestOptions {
    std::string resource;
    std::string user;
    std::string length;
    std::string reason;
    std::string node;          // empty: the one that is asked
    std::string installation;  // empty: the one that is asked
    std::string good_for = "1h";
    std::string out;  // empty: standard output
};
// Writes a document that nobody has signed yet.
ExitCode make_offline_request(const Context& context, const OfflineRequestOptions& options);

struct OfflineApprovalOptions {
    std::string document;
    std::string key;
    bool yes = false;
};
// Shows what is to be signed, asks, and adds a signature to the file.
ExitCode sign_offline(const Context& context, const OfflineApprovalOptions& options);

// What a document says, and who signed it; or its token.
ExitCode show_offline(const Context& context, const std::string& document, bool as_token);
// Signatures of several copies in one file.
ExitCode combine_offline(const Context& context, const std::vector<std::string>& documents,
                         const std::string& out);
// Hands it to the node; `only_check`: only asks whether it would be taken.
ExitCode submit_offline(const Context& context, const std::string& document, bool only_check);
ExitCode show_offline_status(const Context& context);

}  // namespace curfew::cli
