#include "base/result.hpp"

namespace curfew {

Error about_member(std::string_view member, Error error) {
    error.problems = {{std::string{member}, error.message}};
    return error;
}

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return "invalid";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::outdated:
            return "outdated";
        case ErrorCode::forbidden:
            return "forbidden";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::internal:
            return "internal";
    }
    return "internal";
}

}  // namespace curfew
