// Running psql with a credential that nobody else gets to see.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/private_directory.hpp"
#include "cli/signals.hpp"

namespace curfew::cli {

// How libpq gets to a resource. As files: neither a command line nor an environment holds a secret, for
// others on the machine can read those.
struct ConnectionFiles {
    std::string service_file;  // the content of PGSERVICEFILE
    std::string service;       // the section in it
    std::string pgpass;  // the content of PGPASSFILE; empty: the person's own password, however psql finds it
};

// The environment that psql gets: this process's, without what would take it elsewhere and without tokens of
// Curfew's.
std::vector<std::string> psql_environment(const ConnectionFiles& files, const std::string& directory);

// psql, begun. Its files are there as long as this is.
class Psql {
public:
    // `signals`: held back here, not in psql.
    static Outcome<Psql> start(const ConnectionFiles& files, const std::vector<std::string>& arguments,
                               const Signals& signals);

    // nullopt while it runs; else its exit code, or 128 and the signal that ended it.
    std::optional<int> exit_code();
    void send(int signal) const;

private:
    Psql(PrivateDirectory directory, pid_t pid) : directory_{std::move(directory)}, pid_{pid} {}

    PrivateDirectory directory_;
    pid_t pid_;
    std::optional<int> exit_code_;
};

}  // namespace curfew::cli
