#include "api/operations.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "api/problem.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace curfew::api {

Response json_response(http::status status, const boost::json::object& body) {
    return make_response(status, "application/json", boost::json::serialize(body) + "\n");
}

void log_done(std::string_view event, const std::string& actor, std::string_view target,
              std::string_view detail) {
    log::info(event, {{"actor", actor}, {"target", target}, {"detail", detail}});
}

Response refused(std::string_view what, const std::string& actor, std::string_view target,
                 const Error& error) {
    log::warning("admin.refused", {{"what", what},
                                   {"actor", actor},
                                   {"target", target},
                                   {"code", to_string(error.code)},
                                   {"error", error.message}});
    return problem(error);
}

Error no_such_request(std::string_view id) {
    return {ErrorCode::not_found, fmt::format("There is no request '{}' that you may see; the list of "
                                              "requests has their identifiers",
                                              printable(id, 40))};
}

// Those by the Unix socket may do everything but what one has to be somebody for.
std::optional<Error> why_nobody(const Principal& principal, std::string_view what) {
    if (!principal.user.empty()) return std::nullopt;
    return Error{
        ErrorCode::forbidden,
        fmt::format("'{}', by the Unix socket, is no user of Curfew, and only users {}; sign in as one "
                    "(curfew login), or give a grant without a request (curfew grant)",
                    printable(principal.recorded_as, 63), what)};
}

}  // namespace curfew::api
