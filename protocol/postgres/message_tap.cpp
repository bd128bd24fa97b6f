#include "protocol/postgres/message_tap.hpp"

namespace curfew::postgres {
namespace {

// Names of statements, portals, channels and settings, with what is said beside them.
constexpr std::uint32_t short_body = 4U << 10U;
// PostgreSQL's longest texts for people are bounded by what a statement quotes; so much of one is enough.
constexpr std::uint32_t report_body = 64U << 10U;

}  // namespace

TapPlan::TapPlan() {
    wanted_.fill(nothing);
}

TapPlan TapPlan::from_client(const Limits& limits) {
    TapPlan plan;
    for (const char type : {'Q', 'P', 'B', 'F'})  // Query, Parse, Bind, FunctionCall
        plan.want(type, limits.statement_bytes);
    for (const char type : {'E', 'D', 'C', 'f'})  // Execute, Describe, Close, CopyFail
        plan.want(type, short_body);
    for (const char type : {'S', 'c', 'X'})  // Sync, CopyDone, Terminate
        plan.want(type, 0);
    plan.want('d', counted);
    return plan;
}

TapPlan TapPlan::from_server(const Limits& limits) {
    TapPlan plan;
    plan.result_bytes_ = limits.result_bytes;
    for (const char type : {'1', '2', '3', 'n', 'I', 's', 'V', 'G', 'H', 'W', 'c'})
        plan.want(type, 0);
    for (const char type : {'C', 'Z', 'S'})  // CommandComplete, ReadyForQuery, ParameterStatus
        plan.want(type, short_body);
    for (const char type : {'E', 'N', 'A'})  // ErrorResponse, NoticeResponse, NotificationResponse
        plan.want(type, report_body);
    plan.want('T', limits.result_bytes > 0 ? report_body : 0);
    plan.want('D', limits.result_bytes > 0 ? budgeted : counted);
    plan.want('d', counted);
    return plan;
}

}  // namespace curfew::postgres
