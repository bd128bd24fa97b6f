#include "api/admin_api.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "api/json_input.hpp"
#include "api/json_views.hpp"
#include "api/problem.hpp"
#include "api/session_events.hpp"
#include "base/duration.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t usual_past_sessions = 50;
constexpr std::size_t most_past_sessions = 1000;

Response json_response(http::status status, const boost::json::object& body) {
    return make_response(status, "application/json", boost::json::serialize(body) + "\n");
}

Error no_such_grant(std::string_view id) {
    return {
        ErrorCode::not_found,
        fmt::format("There is no grant '{}'; the list of grants has their identifiers", printable(id, 40))};
}

// A change that somebody asked for was made, or was not: `admin.grant_revoked`, `admin.refused` …
void log_done(std::string_view event, const std::string& actor, std::string_view target,
              std::string_view detail = "") {
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

std::optional<bool> parse_flag(const std::string& text) {
    if (text.empty() || text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

std::optional<std::size_t> parse_limit(const std::string& text) {
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (limit < 1 || limit > most_past_sessions) return std::nullopt;
    return limit;
}

}  // namespace

AdminApi::AdminApi(boost::asio::any_io_executor executor, proxy::Control& control, const Clock& clock,
                   Duration least_event_interval)
    : executor_{std::move(executor)},
      control_{control},
      clock_{clock},
      least_event_interval_{least_event_interval} {
    add(http::verb::post, "/v1/grants", &AdminApi::give_grant);
    add(http::verb::get, "/v1/grants", &AdminApi::list_grants, {"all"});
    add(http::verb::get, "/v1/grants/{id}", &AdminApi::show_grant);
    add(http::verb::post, "/v1/grants/{id}/revoke", &AdminApi::revoke_grant);
    add(http::verb::post, "/v1/grants/{id}/extend", &AdminApi::extend_grant);
    add(http::verb::get, "/v1/sessions", &AdminApi::list_sessions);
    add(http::verb::get, "/v1/sessions/past", &AdminApi::list_past_sessions, {"limit"});
    add(http::verb::post, "/v1/sessions/{id}/kill", &AdminApi::kill_session);
    add(http::verb::get, "/v1/status", &AdminApi::show_status);
    add(http::verb::post, "/v1/reload", &AdminApi::reload);
    add(http::verb::get, "/v1/events", &AdminApi::watch_sessions);
}

void AdminApi::add(http::verb method, std::string_view path, Endpoint endpoint,
                   std::vector<std::string> query) {
    router_.add(method, path, std::move(query),
                [this, endpoint](Call call) { return (this->*endpoint)(std::move(call)); });
}

Awaitable<Reply> AdminApi::handle(Request request, std::string actor) {
    auto found = router_.find(std::move(request), std::move(actor));
    if (auto* nobody = std::get_if<Response>(&found)) co_return std::move(*nobody);
    auto& match = std::get<Router::Match>(found);
    auto answering = (*match.handler)(std::move(match.call));
    Reply reply = co_await std::move(answering);
    co_return reply;
}

Awaitable<Reply> AdminApi::give_grant(Call call) {
    auto wanted = read_new_grant(call.request, call.actor);
    if (!wanted) co_return refused("grant", call.actor, "", wanted.error());
    const auto target = fmt::format("{} on {}", policy::to_string(wanted->subject), wanted->resource);
    const auto length = format_duration(wanted->length);
    auto giving = control_.grant(std::move(*wanted));
    const auto given = co_await std::move(giving);
    if (!given) co_return refused("grant", call.actor, target, given.error());
    const auto& id = given->grant.id.text();
    log_done("admin.grant_given", call.actor, id, fmt::format("{} for {}", target, length));
    auto response = json_response(http::status::created, view(*given));
    response.set(http::field::location, "/v1/grants/" + id);
    co_return response;
}

Awaitable<Reply> AdminApi::list_grants(Call call) {
    const auto asked = call.query.find("all");
    const auto all = asked == call.query.end() ? false : parse_flag(asked->second);
    if (!all) co_return problem(Error{ErrorCode::invalid, "'all' must be true or false"});
    const auto grants = co_await control_.grants(*all);
    if (!grants) co_return problem(grants.error());
    co_return json_response(http::status::ok, view(*grants));
}

Awaitable<Reply> AdminApi::show_grant(Call call) {
    const auto grants = co_await control_.grants(true);
    if (!grants) co_return problem(grants.error());
    for (const auto& candidate : *grants) {
        if (candidate.grant.id.text() == call.id) co_return json_response(http::status::ok, view(candidate));
    }
    co_return problem(no_such_grant(call.id));
}

Awaitable<Reply> AdminApi::revoke_grant(Call call) {
    const auto id = GrantId::parse(call.id);
    if (!id) co_return refused("revoke", call.actor, call.id, no_such_grant(call.id));
    const auto reason = read_revocation_reason(call.request);
    if (!reason) co_return refused("revoke", call.actor, call.id, reason.error());
    auto revoking = control_.revoke(*id, call.actor, *reason);
    const auto revoked = co_await std::move(revoking);
    if (!revoked) co_return refused("revoke", call.actor, call.id, revoked.error());
    log_done("admin.grant_revoked", call.actor, call.id, *reason);
    co_return json_response(http::status::ok, view(*revoked));
}

Awaitable<Reply> AdminApi::extend_grant(Call call) {
    const auto id = GrantId::parse(call.id);
    if (!id) co_return refused("extend", call.actor, call.id, no_such_grant(call.id));
    const auto by = read_extension(call.request);
    if (!by) co_return refused("extend", call.actor, call.id, by.error());
    auto extending = control_.extend(*id, *by, call.actor);
    const auto extended = co_await std::move(extending);
    if (!extended) co_return refused("extend", call.actor, call.id, extended.error());
    log_done("admin.grant_extended", call.actor, call.id, "by " + format_duration(*by));
    co_return json_response(http::status::ok, view(*extended));
}

Awaitable<Reply> AdminApi::list_sessions(Call) {
    const auto sessions = co_await control_.sessions();
    co_return json_response(http::status::ok, view(sessions, clock_.wall_now()));
}

Awaitable<Reply> AdminApi::list_past_sessions(Call call) {
    const auto asked = call.query.find("limit");
    const auto limit = asked == call.query.end() ? usual_past_sessions : parse_limit(asked->second);
    if (!limit) {
        co_return problem(Error{ErrorCode::invalid,
                                fmt::format("'limit' must be a number from 1 to {}", most_past_sessions)});
    }
    const auto sessions = co_await control_.past_sessions(*limit);
    if (!sessions) co_return problem(sessions.error());
    co_return json_response(http::status::ok, view(*sessions));
}

Awaitable<Reply> AdminApi::kill_session(Call call) {
    const auto id = SessionId::parse(call.id);
    if (!id) {
        const Error unknown{ErrorCode::not_found, fmt::format("There is no live session '{}'; the list of "
                                                              "sessions has their identifiers",
                                                              printable(call.id, 40))};
        co_return refused("kill", call.actor, call.id, unknown);
    }
    if (const auto read = read_nothing(call.request); !read) {
        co_return refused("kill", call.actor, call.id, read.error());
    }
    auto killing = control_.kill(*id, call.actor);
    const auto killed = co_await std::move(killing);
    if (!killed) co_return refused("kill", call.actor, call.id, killed.error());
    log_done("admin.session_killed", call.actor, call.id);
    // Accepted, not done: the session is told to end and its backend may live a moment longer.
    const boost::json::object body{{"id", id->text()}, {"phase", "ending"}};
    co_return json_response(http::status::accepted, body);
}

Awaitable<Reply> AdminApi::show_status(Call) {
    const auto status = co_await control_.status();
    co_return json_response(http::status::ok, view(status));
}

Awaitable<Reply> AdminApi::reload(Call call) {
    if (const auto read = read_nothing(call.request); !read) {
        co_return refused("reload", call.actor, "", read.error());
    }
    auto reloading = control_.reload(call.actor);
    const auto reloaded = co_await std::move(reloading);
    if (!reloaded) co_return refused("reload", call.actor, "", reloaded.error());
    log_done("admin.config_reloaded", call.actor, "");
    const boost::json::object body{{"reloaded", true}};
    co_return json_response(http::status::ok, body);
}

Awaitable<Reply> AdminApi::watch_sessions(Call) {
    auto events = std::make_shared<SessionEvents>(executor_, control_, clock_, least_event_interval_);
    EventStream stream;
    stream.next = [events] { return events->next(); };
    co_return stream;
}

}  // namespace curfew::api
