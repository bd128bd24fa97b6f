#include "notify/notice_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "notify/texts.hpp"
#include "store/grants.hpp"

namespace curfew::notify {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 4000;

// Text that people wrote, valid UTF-8 on one line.
json::value text(std::string_view written) {
    return json::value(printable(written, longest_text));
}

json::value text_or_null(std::string_view written) {
    return written.empty() ? json::value{} : text(written);
}

json::value instant(const std::optional<WallInstant>& at) {
    return at ? json::value(format_utc(*at)) : json::value{};
}

json::value seconds(const std::optional<Duration>& duration) {
    if (!duration) return {};
    return std::chrono::duration_cast<std::chrono::seconds>(*duration).count();
}

json::array names(const policy::GroupNames& groups) {
    json::array array;
    for (const std::string& group : groups)
        array.push_back(text(group));
    return array;
}

json::object json_of(const policy::Review& review) {
    return {{"reviewer", text(review.reviewer)},
            {"group", text(review.group)},
            {"verdict", policy::to_string(review.verdict)},
            {"comment", text_or_null(review.comment)},
            {"duration_seconds", seconds(review.duration)},
            {"at", format_utc(review.at)}};
}

json::array waiting_for(const Facts& facts, const Surroundings& surroundings) {
    json::array array;
    for (const policy::Progress::OfRule& rule : progress(facts, surroundings).rules) {
        if (rule.satisfied) continue;
        array.push_back(json::object{{"rule", text(rule.rule->name)},
                                     {"approvals", rule.approvals},
                                     {"approvals_wanted", rule.wanted},
                                     {"approval_groups", names(rule.rule->approval_groups)},
                                     {"missing_groups", names(rule.missing_groups)}});
    }
    return array;
}

json::value code_or_null(const std::optional<std::string>& text) {
    return text ? json::value(printable_code(*text)) : json::value{};
}

json::array statements_json(const policy::Command& command) {
    json::array statements;
    for (const policy::Command::Statement& statement : command.statements) {
        json::array parameters;
        for (const policy::Command::Parameter& parameter : statement.parameters)
            parameters.push_back(
                json::object{{"value", code_or_null(parameter.value)}, {"binary", parameter.binary}});
        json::object shown{{"sql", printable_code(statement.sql)}, {"parameters", std::move(parameters)}};
        if (statement.sql_size) shown["sql_size"] = *statement.sql_size;
        statements.push_back(std::move(shown));
    }
    return statements;
}

// As a list has it: some kilobytes, whatever was asked for.
json::value command_json(const std::optional<policy::Command>& asked) {
    if (!asked) return {};
    const policy::Command command = policy::brief(*asked);
    return json::object{{"form", policy::to_string(command.form)},
                        {"database", text(command.database)},
                        {"statements", statements_json(command)},
                        {"session", command.session ? json::value(command.session->text()) : json::value{}},
                        {"why_asked", text(command.why_asked)},
                        {"brief", command.brief}};
}

json::value command_result_json(const std::optional<policy::CommandResult>& known) {
    if (!known) return {};
    const policy::CommandResult result = policy::brief(*known);
    json::array parts;
    for (const policy::CommandResult::Part& part : result.parts)
        parts.push_back(json::object{{"tag", text(part.tag)}, {"rows_in_all", part.rows_in_all}});
    return json::object{{"outcome", policy::to_string(result.outcome)},
                        {"parts", std::move(parts)},
                        {"sqlstate", text(result.sqlstate)},
                        {"message", text(result.message)},
                        {"ended_at", format_utc(result.ended_at)},
                        {"brief", result.brief}};
}

json::object request_json(const Facts& facts, const Surroundings& surroundings) {
    const policy::Request& request = *facts.request;
    json::array reviews;
    for (const policy::Review& review : request.reviews)
        reviews.push_back(json_of(review));
    return {{"id", request.id.text()},
            {"kind", policy::to_string(request.kind)},
            {"type", policy::to_string(request.type)},
            {"requester", text(request.requester)},
            {"requester_name", text(surroundings.shown_name(request.requester))},
            {"resource", text(request.resource)},
            {"reason", text_or_null(request.reason)},
            {"duration_seconds", seconds(request.duration)},
            {"granted_seconds", seconds(request.granted)},
            {"starts_at", instant(request.starts_at)},
            {"allow_replication", request.allow_replication},
            {"asked_at", format_utc(request.asked_at)},
            {"review_ends_at", format_utc(request.review_ends_at)},
            {"status", policy::to_string(request.status)},
            {"decision", policy::to_string(request.decision)},
            {"decided_by", text_or_null(request.decided_by)},
            {"decided_at", instant(request.decided_at)},
            {"decision_comment", text_or_null(request.decision_comment)},
            {"review_due", request.review_due},
            {"command", command_json(request.command)},
            {"command_result", command_result_json(request.command_result)},
            {"reviews", std::move(reviews)},
            {"reviewing_groups", names(reviewing_groups(facts, surroundings))},
            {"waiting_for", waiting_for(facts, surroundings)}};
}

json::object grant_json(const Facts& facts) {
    const policy::Grant& grant = *facts.grant;
    const auto& revoked = grant.revoked;
    return {{"id", grant.id.text()},
            {"subject", text(policy::to_string(grant.subject))},
            {"resource", text(grant.resource)},
            {"starts_at", format_utc(grant.window.starts_at)},
            {"ends_at", format_utc(grant.window.ends_at)},
            {"given_by", text_or_null(grant.given_by)},
            {"use", policy::to_string(grant.use)},
            {"revoked_at", instant(revoked ? std::optional{revoked->at} : std::nullopt)},
            {"revoked_by", revoked ? text_or_null(revoked->by) : json::value{}},
            {"revoke_reason", revoked ? text_or_null(revoked->reason) : json::value{}}};
}

json::value why(const Notice& notice, const Facts& facts, const Surroundings& surroundings) {
    if (notice.kind == NoticeKind::request_rejected && facts.request)
        return text(why_rejected(*facts.request, surroundings));
    const bool is_not_run = notice.kind == NoticeKind::command_ended && !facts.request->command_result;
    if (notice.kind == NoticeKind::grant_ended || is_not_run) return text(why_ended(facts, surroundings));
    return {};
}

}  // namespace

json::object json_of(std::string_view id, const Notice& notice, const Facts& facts,
                     const Surroundings& surroundings) {
    return {{"version", notice_version},
            {"id", id},
            {"notice", config::to_string(notice.kind)},
            {"update", notice.is_update},
            {"event", notice.event},
            {"at", format_utc(notice.at)},
            {"actor", text_or_null(notice.actor)},
            {"resource", text(notice.resource)},
            {"title", text_of(notice, facts, surroundings).title},
            {"why", why(notice, facts, surroundings)},
            {"link", text_or_null(link_to(facts, surroundings))},
            {"request", facts.request ? json::value(request_json(facts, surroundings)) : json::value{}},
            {"grant", facts.grant ? json::value(grant_json(facts)) : json::value{}}};
}

}  // namespace curfew::notify
