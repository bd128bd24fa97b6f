#include "cli/tokens.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <ostream>

#include "base/duration.hpp"
#include "base/time_text.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr Duration usual_lifetime = std::chrono::hours{24 * 30};

// Where nobody says: as long as usual, but no longer than what one is signed in by, which a token made by it
// cannot outlive.
Outcome<std::string> usual_length(const Context& context) {
    const auto me = context.client.get("/me");
    if (!me) return me.error();
    const auto ends = instant_of(me->document, "expires_at");
    if (!ends) return format_duration(usual_lifetime);
    // A little less: it is made a moment from now.
    const auto left = std::chrono::floor<std::chrono::minutes>(*ends - SystemClock{}.wall_now()) - 1min;
    return format_duration(std::min<Duration>(usual_lifetime, std::max<Duration>(left, 1min)));
}

}  // namespace

ExitCode list_tokens(const Context& context, const std::string& user) {
    const auto answer =
        context.client.get_all(user.empty() ? "/tokens" : "/tokens?user=" + query_value(user));
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto now = SystemClock{}.wall_now();
    Table table{{"TOKEN", "USER", "NAME", "SCOPES", "MADE", "EXPIRES", "LAST USED"}};
    for (const auto& token : list_of(answer->document, "items")) {
        table.add({{text_of(token, "id"), Style::bold},
                   text_of(token, "user"),
                   text_of(token, "name"),
                   joined(texts_of(token, "scopes")),
                   format_instant(context.terminal, instant_of(token, "created_at"), now),
                   format_instant(context.terminal, instant_of(token, "expires_at"), now),
                   format_instant(context.terminal, instant_of(token, "last_used_at"), now)});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << "No tokens. Make one: curfew tokens create NAME --scopes read\n";
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode create_token(const Context& context, const NewTokenOptions& options) {
    json::array scopes;
    for (const auto& scope : options.scopes)
        scopes.emplace_back(scope);
    const auto length = options.length.empty() ? usual_length(context) : options.length;
    if (!length) return report(context, length.error());
    const auto answer = context.client.create(
        "/tokens", {{"name", options.name}, {"scopes", std::move(scopes)}, {"expires_in", *length}});
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto& token = member_of(answer->document, "token");
    const auto secret = text_of(answer->document, "secret");
    const auto id = text_of(token, "id");
    if (secret.empty()) {
        return report(context,
                      {ExitCode::failed,
                       fmt::format("{0} was made, but the connection broke off before its secret came, "
                                   "and that is not shown again: curfew tokens revoke {0}, and make another",
                                   id)});
    }
    const auto until = instant_of(token, "expires_at");
    fmt::print(context.err, "Made {}{}. It is not shown again; give it to programs in CURFEW_TOKEN.\n", id,
               until ? ", good until " + format_local(*until) : "");
    context.out << secret << '\n';
    return ExitCode::ok;
}

ExitCode revoke_token(const Context& context, const std::string& id) {
    const auto answer = context.client.remove("/tokens/" + path_segment(id));
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << "{\"revoked\":true}\n";
    } else {
        fmt::print(context.out, "Revoked {}\n", id);
    }
    return ExitCode::ok;
}

}  // namespace curfew::cli
