// Domain outcomes as values: a Result holds what was asked for, or an Error that a person can act on.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace curfew {

enum class ErrorCode {
    invalid,      // the request makes no sense as it stands; asking again unchanged cannot help
    not_found,    // what it names does not exist
    conflict,     // it exists, but its state does not allow this (revoking an ended grant)
    outdated,     // it has changed since the asker saw it; looking again and repeating may help
    forbidden,    // the asker may not
    unavailable,  // something needed is away; asking again later may help
    internal,     // our fault
};

std::string_view to_string(ErrorCode code);

// One of the things that are wrong with what was sent, for whoever shows it beside the field it is about.
struct MemberProblem {
    std::string member;  // `allowed_times.windows[1]`; empty: what was sent as a whole
    std::string detail;

    bool operator==(const MemberProblem&) const = default;
};

// What went wrong, to what, and what to do next, in one sentence or two. Never holds a secret.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    // The same by members, where it is about some; `message` says all of it.
    std::vector<MemberProblem> problems{};
};

// The same error, as one about this member.
Error about_member(std::string_view member, Error error);

template <class T>
using Result = boost::system::result<T, Error>;

// Found by Result<T>::value() when it holds an Error.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::runtime_error(error.message);
}

}  // namespace curfew
