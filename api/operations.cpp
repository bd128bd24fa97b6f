#include "api/operations.hpp"

#include <boost/json/serialize.hpp>

#include "api/problem.hpp"
#include "base/log.hpp"

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

}  // namespace curfew::api
