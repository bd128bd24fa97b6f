#include "api/problem.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/text.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t longest_member = 400;

// The word of the OpenAPI document for what HTTP says by a number.
std::string_view code_of(http::status status) {
    switch (status) {
        case http::status::unauthorized:
            return "unauthenticated";
        case http::status::forbidden:
            return "forbidden";
        case http::status::not_found:
            return "not_found";
        case http::status::method_not_allowed:
            return "method_not_allowed";
        case http::status::conflict:
            return "conflict";
        case http::status::precondition_failed:
            return "precondition_failed";
        case http::status::payload_too_large:
        case http::status::request_header_fields_too_large:
            return "too_long";
        case http::status::unsupported_media_type:
            return "unsupported_media_type";
        case http::status::misdirected_request:
            return "misdirected";
        case http::status::precondition_required:
            return "precondition_required";
        case http::status::too_many_requests:
            return "rate_limited";
        case http::status::service_unavailable:
            return "unavailable";
        default:
            return http::to_status_class(status) == http::status_class::server_error ? "internal" : "invalid";
    }
}

boost::json::array by_members(const std::vector<MemberProblem>& problems) {
    boost::json::array list;
    for (const MemberProblem& problem : problems) {
        list.emplace_back(boost::json::object{{"member", printable(problem.member, longest_member)},
                                              {"detail", printable_lines(problem.detail)}});
    }
    return list;
}

Response response(http::status status, std::string_view detail,
                  const std::vector<MemberProblem>& problems = {}) {
    const auto title = http::obsolete_reason(status);
    boost::json::object body{{"type", "about:blank"},
                             {"title", boost::json::string{title.data(), title.size()}},
                             {"status", static_cast<int>(status)},
                             {"detail", printable_lines(detail)},
                             {"code", code_of(status)}};
    if (!problems.empty()) body["problems"] = by_members(problems);
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
        case ErrorCode::outdated:
            return http::status::precondition_failed;
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
    return response(status_of(error.code), error.message, error.problems);
}

Response problem(http::status status, std::string_view detail) {
    return response(status, detail);
}

Response unauthenticated(std::string_view detail) {
    auto response = problem(http::status::unauthorized, detail);
    response.set(http::field::www_authenticate, "Bearer realm=\"curfew\"");
    return response;
}

}  // namespace curfew::api
