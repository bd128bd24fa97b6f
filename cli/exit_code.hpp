// How the command ends: exit codes, and the failures that lead to them.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace curfew::cli {

// For scripts; docs/cli.md promises them. `connect` gives psql's own once that has begun.
enum class ExitCode {
    ok = 0,
    failed = 1,            // anything that has no code of its own
    usage = 2,             // the command line, or what it asks for, makes no sense
    not_found = 3,         // no such request, grant, session, …
    conflict = 4,          // it exists, but its state does not allow this
    unreachable = 5,       // curfewd cannot be reached, or cannot do this now; later may help
    forbidden = 6,         // the caller may not
    not_signed_in = 7,     // nobody, or nobody any more: `curfew login`
    not_approved = 8,      // the request came to nothing: rejected, cancelled, or not looked at in time
    access_ended = 9,      // Curfew ended the connection that `connect` was for
    findings = 10,         // `doctor`, `audit verify` or `receipt verify` found something
    command_failed = 11,   // the script of `exec` ran, and PostgreSQL reported an error
    outcome_unknown = 12,  // the script of `exec` was handed to PostgreSQL, and its end was not seen
    interrupted = 130,     // by Ctrl-C, as a shell counts it
};

struct Failure {
    ExitCode code = ExitCode::failed;
    std::string message;  // what happened, to what, and what to do next
};

template <class T>
using Outcome = boost::system::result<T, Failure>;

// Found by Outcome<T>::value() when it holds a Failure.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
    throw std::runtime_error(failure.message);
}

}  // namespace curfew::cli
