#include "cli/access.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <optional>
#include <ostream>

#include "base/time_text.hpp"
#include "cli/approval_wait.hpp"
#include "cli/json_access.hpp"
#include "cli/request_text.hpp"
#include "cli/requests.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

bool is_active(const json::value& grant) {
    return text_of(grant, "state") == "active";
}

// Rather than for commands that are approved one by one.
bool is_for_sessions(const json::value& grant) {
    const auto use = text_of(grant, "use");
    return use.empty() || use == "sessions";
}

// As grants and PostgreSQL know them; who comes by the socket may be no user of Curfew's.
std::string user_in(const json::value& me) {
    const auto user = text_of(me, "user");
    return user.empty() ? text_of(me, "name") : user;
}

// Whether a grant for `subject` covers this person.
bool covers(const std::string& subject, const json::value& me) {
    if (subject == "*" || subject == user_in(me)) return true;
    if (!subject.starts_with("group:")) return false;
    const auto groups = texts_of(me, "groups");
    return std::find(groups.begin(), groups.end(), subject.substr(6)) != groups.end();
}

Access access_by(const std::string& request, const std::string& user, const json::value& grant) {
    Access access;
    access.request = request;
    access.user = user;
    access.grant = grant;
    return access;
}

struct Found {
    std::optional<Access> active;
    json::value pending;  // null: none
};

Outcome<Found> look_at_requests(const Context& context, const std::string& resource,
                                const std::string& user) {
    Found found;
    const auto answer = context.client.get_all(
        fmt::format("/requests?view=mine&status=PENDING,APPROVED&resource={}", query_value(resource)));
    if (!answer) return answer.error();
    for (const auto& item : list_of(answer->document, "items")) {
        if (text_of(item, "kind") != "access" || text_of(item, "type") == "command") continue;
        // With its view, which lists leave out.
        auto whole = context.client.get("/requests/" + path_segment(text_of(item, "id")));
        if (!whole) return whole.error();
        const auto& grant = member_of(member_of(whole->document, "view"), "grant");
        if (is_active(grant)) {
            found.active = access_by(text_of(whole->document, "id"), user, grant);
            return found;
        }
        if (text_of(whole->document, "status") == "PENDING") found.pending = std::move(whole->document);
    }
    return found;
}

Outcome<std::optional<Access>> look_at_grants(const Context& context, const std::string& resource,
                                              const json::value& me) {
    const auto answer = context.client.get_all("/grants");
    if (!answer) return answer.error();
    for (const auto& grant : list_of(answer->document, "items")) {
        if (is_active(grant) && is_for_sessions(grant) && text_of(grant, "resource") == resource &&
            covers(text_of(grant, "subject"), me)) {
            return std::optional{access_by("", user_in(me), grant)};
        }
    }
    return std::optional<Access>{};
}

Outcome<json::value> ask(const Context& context, const AccessOptions& options) {
    RequestOptions request;
    request.resource = options.resource;
    request.length = options.length;
    request.reason = options.reason;
    request.break_glass = options.break_glass;
    const auto body = request_body(request, SystemClock{}.wall_now());
    if (!body) return body.error();
    auto answer = context.client.create("/requests", *body);
    if (!answer) return answer.error();
    return std::move(answer->document);
}

Outcome<Access> access_of(const json::value& request, const std::string& user) {
    const auto id = text_of(request, "id");
    const auto status = text_of(request, "status");
    const auto decision = decision_text(request);
    if (status != "APPROVED") {
        return Failure{ExitCode::not_approved,
                       fmt::format("{} is {}{}", id, status, decision.empty() ? "" : ": " + decision)};
    }
    const auto& grant = member_of(member_of(request, "view"), "grant");
    if (!is_active(grant)) {
        const auto starts = instant_of(grant, "starts_at");
        return Failure{ExitCode::conflict,
                       fmt::format("{} is APPROVED, but its grant is not active now{}", id,
                                   starts ? fmt::format("; it begins at {}", format_local(*starts)) : "")};
    }
    return access_by(id, user, grant);
}

bool may_ask_for(const Context& context, const std::string& resource, std::string_view type) {
    const auto answer = context.client.get(
        fmt::format("/explain?resource={}&type={}", query_value(resource), query_value(type)));
    return answer && flag_of(member_of(answer->document, "terms"), "may_ask");
}

// Whether commands, one by one, are all that one may ask for. Where the server does not say, the request
// does.
bool goes_by_command_alone(const Context& context, const AccessOptions& options) {
    if (!options.length.empty() || options.break_glass) return false;
    return may_ask_for(context, options.resource, "command") &&
           !may_ask_for(context, options.resource, "jit");
}

}  // namespace

Outcome<Access> open_command_access(const ApiClient& client, const std::string& resource) {
    auto answer = client.post(fmt::format("/resources/{}/command-access", path_segment(resource)));
    if (!answer) return answer.error();
    const auto& grant = member_of(answer->document, "grant");
    Access access;
    access.user = text_of(grant, "subject");
    access.grant = grant;
    access.by_command = true;
    access.credential = member_of(answer->document, "credential");
    return access;
}

Outcome<Access> get_access(const Context& context, const AccessOptions& options) {
    if (options.by_command) return open_command_access(context.client, options.resource);
    const auto me = context.client.get("/me");
    if (!me) return me.error();
    const auto user = user_in(me->document);
    const bool emergency = options.break_glass;
    auto found = look_at_requests(context, options.resource, user);
    if (!found) return found.error();
    if (found->active) return std::move(*found->active);
    auto given = look_at_grants(context, options.resource, me->document);
    if (!given) return given.error();
    if (*given) return std::move(**given);
    const bool goes_on = found->pending.is_object() && !emergency;
    if (!goes_on && goes_by_command_alone(context, options))
        return open_command_access(context.client, options.resource);
    auto request = goes_on ? Outcome<json::value>(std::move(found->pending)) : ask(context, options);
    if (!request) return request.error();
    if (text_of(*request, "status") == "PENDING") {
        fmt::print(context.err, "{} {}: {}\n", goes_on ? "Going on with" : "Asked", text_of(*request, "id"),
                   wish_text(*request));
        request = wait_for_decision(context, std::move(*request));
        if (!request) return request.error();
    }
    return access_of(*request, user);
}

}  // namespace curfew::cli
