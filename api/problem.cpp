#include "api/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/text.hpp"

namespace curfew::api {
namespace {

boost::json::object document(http::status status, std::string_view detail) {
    const auto title = http::obsolete_reason(status);
    return {{"type", "about:blank"},
            {"title", boost::json::string{title.data(), title.size()}},
            {"status", static_cast<int>(status)},
            {"detail", printable_lines(detail)}};
}

Response response(http::status status, const boost::json::object& body) {
    return make_response(status, "application/problem+json", boost::json::serialize(body) + "\n");
}

}  // namespace

http::status status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return http::status::bad_request;
        case ErrorCode::not_found:
            return http::status::not_found;
        case ErrorCode::conflict:
            return http::status::conflict;
        case ErrorCode::forbidden:
            return http::status::forbidden;
        case ErrorCode::unavailable:
            return http::status::service_unavailable;
        case ErrorCode::internal:
            return http::status::internal_server_error;
    }
    return http::status::internal_server_error;
}

Response problem(const Error& error) {
    const auto status = status_of(error.code);
    auto body = document(status, error.message);
    body["code"] = to_string(error.code);
    return response(status, body);
}

Response problem(http::status status, std::string_view detail) {
    return response(status, document(status, detail));
}

}  // namespace curfew::api
