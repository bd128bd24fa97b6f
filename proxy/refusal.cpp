#include "proxy/refusal.hpp"

#include <utility>

#include "protocol/postgres/messages.hpp"

namespace curfew::proxy {

Refusal refuse(std::string_view sqlstate, std::string message, std::string reason, std::string detail,
               std::string hint) {
    postgres::Report report{"FATAL", sqlstate, std::move(message), {}, std::move(hint)};
    std::string bytes = postgres::error_response(report);
    return {std::move(bytes), std::move(reason),
            detail.empty() ? std::move(report.message) : std::move(detail)};
}

Refusal refuse(const postgres::LoginFailure& failure, std::string reason) {
    return refuse(failure.sqlstate, failure.message, std::move(reason), failure.reason);
}

}  // namespace curfew::proxy
