#include "proxy/command_texts.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "protocol/postgres/messages.hpp"

namespace curfew::proxy {
namespace {

constexpr std::string_view not_permitted = "42501";
constexpr std::string_view unseen = "PostgreSQL has not seen it.";

std::string to_be_told(std::string message, std::string detail = {}, std::string hint = {}) {
    return postgres::notice_response(
        {"NOTICE", "00000", std::move(message), std::move(detail), std::move(hint)});
}

std::string refusal_with(std::string_view sqlstate, std::string message, std::string detail,
                         std::string hint) {
    return postgres::error_response(
        {"ERROR", sqlstate, std::move(message), std::move(detail), std::move(hint)});
}

std::string patterns_in_text(const std::vector<sql::ObjectPattern>& patterns) {
    constexpr std::size_t most_named = 8;
    std::string names;
    for (std::size_t i = 0; i < std::min(patterns.size(), most_named); ++i)
        names += (names.empty() ? "" : ", ") + to_string(patterns[i]);
    if (patterns.size() > most_named)
        names += " and " + std::to_string(patterns.size() - most_named) + " more";
    return names;
}

std::string what_runs_at_once(const std::vector<sql::AllowedStatements>& allowed) {
    std::string text = "Without asking run BEGIN, COMMIT, ROLLBACK and savepoints";
    if (allowed.size() != 1) {
        const bool something = std::all_of(allowed.begin(), allowed.end(),
                                           [](const auto& list) { return !list.select.empty(); });
        return text + (something && !allowed.empty() ? ", and a SELECT that each of the rules allows." : ".");
    }
    const sql::AllowedStatements& list = allowed.front();
    if (!list.select.empty()) text += ", SELECT on " + patterns_in_text(list.select);
    if (!list.functions.empty()) text += ", there with calls of " + patterns_in_text(list.functions);
    return text + ".";
}

}  // namespace

std::string command_banner(const policy::Grant& grant, const std::vector<sql::AllowedStatements>& allowed) {
    return to_be_told("access to \"" + grant.resource +
                          "\" by command: each statement is approved before it runs (grant " +
                          grant.id.text() + ")",
                      what_runs_at_once(allowed));
}

std::string waiting_for_approval(const CommandDesk::Waiting& waiting, WallInstant now) {
    std::string message = "waiting for approval: request " + waiting.request.text();
    if (!waiting.url.empty()) message += ", " + waiting.url;
    message += ", until " + format_local(now + std::chrono::floor<WallInstant::duration>(waiting.at_most));
    return to_be_told(std::move(message), {}, "Cancel the statement to withdraw the request.");
}

std::string approved(const RequestId& request, const std::vector<std::string>& by) {
    std::string message = "request " + request.text() + " was approved";
    for (std::size_t at = 0; at < by.size(); ++at)
        message += (at == 0 ? " by " : at + 1 == by.size() ? " and " : ", ") + by[at];
    return to_be_told(std::move(message) + ", and runs now");
}

std::string not_approved(const RequestId& request, const CommandDesk::Answer& answer) {
    return refusal_with(not_permitted, "request " + request.text() + " was not approved",
                        answer.why.empty() ? std::string{unseen} : answer.why + " " + std::string{unseen},
                        answer.hint);
}

std::string cannot_be_asked(const Error& problem) {
    return refusal_with(not_permitted, "this must be approved before it runs, and cannot be asked for",
                        problem.message + (problem.message.ends_with('.') ? " " : ". ") + std::string{unseen},
                        {});
}

std::string commands_no_more(const policy::Grant& grant) {
    return refusal_with(not_permitted,
                        "no rule lets you have statements approved on \"" + grant.resource + "\" any more",
                        std::string{unseen}, {});
}

std::string command_cancelled(const std::optional<RequestId>& request) {
    std::string detail{unseen};
    if (request) detail = "Request " + request->text() + " was withdrawn. " + detail;
    return refusal_with("57014", "canceling statement due to user request", std::move(detail), {});
}

std::string too_long() {
    return refusal_with("54000",
                        "this is longer than what anybody can be asked to approve (1 MiB with its values)",
                        std::string{unseen}, "Send it in parts.");
}

std::string unshowable(std::string_view sqlstate, std::string message, std::string hint) {
    return refusal_with(sqlstate, std::move(message), std::string{unseen}, std::move(hint));
}

Refusal no_command_desk(std::string_view resource) {
    return refuse("57P03",
                  "access to resource \"" + std::string{resource} +
                      "\" is by command, and this Curfew has nobody approve commands",
                  "command_desk_unavailable", {}, "Tell an administrator.");
}

Refusal not_let_in_by_command(const Error& problem, std::string_view user, std::string_view resource) {
    const std::string whom = "user \"" + printable(user) + "\"";
    const std::string where = "resource \"" + std::string{resource} + "\"";
    if (problem.code == ErrorCode::forbidden) {
        return refuse("28000",
                      "no grant gives " + whom + " access to " + where +
                          " now, and no rule lets statements be approved one by one",
                      "no_grant", problem.message, "Ask for a grant, or an administrator for a rule.");
    }
    return refuse("57P03",
                  "no grant gives " + whom + " access to " + where +
                      " now, and Curfew cannot give one by command at the moment",
                  "command_desk_unavailable", problem.message, "Try again later.");
}

}  // namespace curfew::proxy
