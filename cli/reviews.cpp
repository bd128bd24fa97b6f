#include "cli/reviews.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <optional>
#include <ostream>

#include "base/time_text.hpp"
#include "cli/command_text.hpp"
#include "cli/grants.hpp"
#include "cli/json_access.hpp"
#include "cli/password.hpp"
#include "cli/request_text.hpp"
#include "cli/requests.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

void print_reviewed(const Context& context, const json::value& request) {
    const auto status = text_of(request, "status");
    const auto decision = decision_text(request);
    fmt::print(context.out, "{} {}: {} asks for {}{}\n",
               context.terminal.styled(Style::bold, text_of(request, "id")),
               context.terminal.styled(style_of_status(status), status), text_of(request, "requester"),
               wish_text(request), decision.empty() ? "" : "; " + decision);
    for (const auto& line : progress_lines(request))
        context.out << context.terminal.styled(line.style, line.text) << '\n';
    const auto& grant = member_of(member_of(request, "view"), "grant");
    if (status != "APPROVED" || grant.is_null()) return;
    if (const auto ends = instant_of(grant, "ends_at")) {
        fmt::print(context.out, "  {} until {}\n", text_of(grant, "id"), format_local(*ends));
    }
}

Outcome<Answer> revoke_request(const Context& context, const std::string& id, const std::string& reason) {
    json::object body;
    if (!reason.empty()) body["comment"] = reason;
    return context.client.post(fmt::format("/requests/{}/revoke", path_segment(id)), body);
}

ExitCode print_revoked(const Context& context, const Answer& answer) {
    if (context.json) {
        context.out << answer.text;
        return ExitCode::ok;
    }
    const auto& request = answer.document;
    const bool cancelled = text_of(request, "decision") == "cancelled";
    const char* follows = is_for_command(request) ? "; it will not run" : "; its sessions are told to end";
    fmt::print(context.out, "{} {}: {} on {}{}\n", cancelled ? "Cancelled" : "Revoked",
               text_of(request, "id"), text_of(request, "requester"), text_of(request, "resource"),
               cancelled ? "" : follows);
    return ExitCode::ok;
}

// The request that gave the grant, among those that one may see.
Outcome<std::optional<std::string>> request_of(const Context& context, const std::string& grant) {
    const auto answer = context.client.get_all("/requests?view=all&status=APPROVED");
    if (!answer) return answer.error();
    for (const auto& request : list_of(answer->document, "items")) {
        if (text_of(request, "grant") == grant && text_of(request, "kind") == "access") {
            return std::optional{text_of(request, "id")};
        }
    }
    return std::optional<std::string>{};
}

// Shows a command before it is approved, and asks. Who is no person at a terminal knows what they do.
Outcome<void> confirm(const Context& context, const ReviewOptions& options) {
    const bool asks = options.approve && !options.yes && !context.json && ::isatty(STDIN_FILENO) == 1;
    if (!asks) return {};
    const auto answer = context.client.get("/requests/" + path_segment(options.id));
    if (!answer) return answer.error();
    if (!is_for_command(answer->document)) return {};
    print_request(context, answer->document);
    context.out << std::flush;
    const auto word = ask_line("Let it run, as it stands, once? Type yes: ");
    if (!word || *word != "yes") return Failure{ExitCode::interrupted, "Nothing was approved"};
    return {};
}

}  // namespace

ExitCode review(const Context& context, const ReviewOptions& options) {
    if (const auto agreed = confirm(context, options); !agreed) return report(context, agreed.error());
    json::object body{{"verdict", options.approve ? "approve" : "reject"}};
    if (!options.group.empty()) body["group"] = options.group;
    if (!options.comment.empty()) body["comment"] = options.comment;
    if (!options.length.empty()) body["duration"] = options.length;
    const auto answer =
        context.client.create(fmt::format("/requests/{}/reviews", path_segment(options.id)), body);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
    } else {
        print_reviewed(context, answer->document);
    }
    return ExitCode::ok;
}

ExitCode revoke(const Context& context, const std::string& id, const std::string& reason) {
    if (!id.starts_with("g-")) {
        const auto answer = revoke_request(context, id, reason);
        return answer ? print_revoked(context, *answer) : report(context, answer.error());
    }
    const auto grant = post_revocation(context, id, reason);
    if (grant) return print_revocation(context, *grant);
    if (grant.error().code != ExitCode::forbidden || context.client.server().is_local()) {
        return report(context, grant.error());
    }
    // Only administrators end grants as such; a request is its requester's and its reviewers' to revoke.
    const auto request = request_of(context, id);
    if (!request || !*request) return report(context, request ? grant.error() : request.error());
    const auto answer = revoke_request(context, **request, reason);
    return answer ? print_revoked(context, *answer) : report(context, answer.error());
}

ExitCode extend(const Context& context, const std::string& grant, const std::string& by,
                const std::string& reason) {
    bool administrator = context.client.server().is_local();
    if (!administrator) {
        const auto me = context.client.get("/me");
        if (!me) return report(context, me.error());
        administrator = flag_of(me->document, "administrator");
    }
    if (administrator) return extend_grant(context, grant, by);
    RequestOptions options;
    options.extends = grant;
    options.length = by;
    options.reason = reason;
    return make_request(context, options);
}

}  // namespace curfew::cli
