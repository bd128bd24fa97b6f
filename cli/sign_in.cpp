#include "cli/sign_in.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <cstdlib>
#include <ostream>

#include "base/time_text.hpp"
#include "cli/device_sign_in.hpp"
#include "cli/json_access.hpp"
#include "cli/password.hpp"
#include "cli/saved_servers.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view link_code_prefix = "cfl_";

// How the token is listed: so that one sees which machine it is on.
std::string token_name() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) return "curfew";
    return std::string{"curfew on "}.append(host.data()).substr(0, 100);
}

Outcome<Answer> by_password(const ApiClient& client, const LoginOptions& options) {
    auto user = options.user;
    if (user.empty()) user = ask_line("User: ").value_or("");
    if (user.empty()) {
        return Failure{ExitCode::usage, "Say who you are: curfew login --password --user NAME"};
    }
    const auto password = read_password("Password: ");
    if (!password) return password.error();
    // For the server alone, which is known by its certificate.
    return client.post(
        "/sign-in/password",
        {{"user", user}, {"password", password->reveal()}, {"as", "token"}, {"token_name", token_name()}});
}

Outcome<Answer> by_link(const Context& context, const ApiClient& client, const LoginOptions& options,
                        const std::string& code) {
    context.err << "Choose a password of 12 characters or more.\n" << std::flush;
    const auto password = read_new_password();
    if (!password) return password.error();
    json::object body{
        {"code", code}, {"password", password->reveal()}, {"as", "token"}, {"token_name", token_name()}};
    if (!options.user.empty()) body["user"] = options.user;
    return client.post("/sign-in/one-time", body);
}

// As the server offers, where the person does not say.
Outcome<Answer> by_what_there_is(const Context& context, const ApiClient& client,
                                 const LoginOptions& options) {
    const auto methods = client.get("/sign-in");
    if (!methods) return methods.error();
    if (flag_of(methods->document, "device")) return sign_in_by_device(context, client, token_name());
    if (flag_of(methods->document, "first_administrator")) {
        return Failure{ExitCode::not_signed_in,
                       "Nobody can sign in there yet: take the link from curfewd's log, and run curfew login "
                       "--one-time LINK --user NAME"};
    }
    if (flag_of(methods->document, "password")) return by_password(client, options);
    return Failure{
        ExitCode::failed,
        fmt::format("{} offers no way to sign in from here; make a token on its page, and give it in "
                    "CURFEW_TOKEN",
                    client.server().name())};
}

ExitCode keep_sign_in(const Context& context, const Server& server, const Answer& answer) {
    const auto& me = member_of(answer.document, "me");
    const auto& token = member_of(answer.document, "token");
    if (!token.is_string()) {
        return report(context, {ExitCode::failed, fmt::format("{} gave no token", server.url)});
    }
    SavedServer saved;
    saved.url = server.url;
    saved.user = text_of(me, "name");
    saved.ca_file = server.ca_file;
    saved.token = Secret{std::string{token.get_string()}};
    saved.expires_at = instant_of(answer.document, "expires_at");
    const auto expires = saved.expires_at;
    const auto user = saved.user;
    if (const auto kept = SavedServers::keep(SavedServers::default_directory(), std::move(saved)); !kept) {
        return report(context, kept.error());
    }
    if (context.json) {
        // Not as it came: the token is not for the screen.
        const json::object shown{
            {"server", server.url}, {"me", me}, {"expires_at", member_of(answer.document, "expires_at")}};
        context.out << json::serialize(shown) << '\n';
        return ExitCode::ok;
    }
    fmt::print(context.out, "Signed in to {} as {}{}\n", server.url, user,
               expires ? ", until " + format_local(*expires) : "");
    return ExitCode::ok;
}

}  // namespace

std::optional<OneTimeLink> parse_one_time_link(std::string_view text) {
    const auto begin = text.find(link_code_prefix);
    if (begin == std::string_view::npos) return std::nullopt;
    const auto code = text.substr(begin);
    const auto end = std::find_if_not(code.begin(), code.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_';
    });
    OneTimeLink link;
    link.code = std::string{code.begin(), end};
    const auto scheme = text.find("://");
    if (scheme != std::string_view::npos && scheme < begin) {
        link.server = text.substr(0, text.find_first_of("/?#", scheme + 3));
    }
    return link;
}

ExitCode log_in(const Context& context, const LoginOptions& options) {
    auto choice = options.choice;
    std::optional<OneTimeLink> link;
    if (!options.link.empty()) {
        link = parse_one_time_link(options.link);
        if (!link) return report(context, {ExitCode::usage, "There is no code in that link; copy all of it"});
        if (choice.server.empty()) choice.server = link->server;
    }
    if (!choice.socket.empty()) {
        return report(context,
                      {ExitCode::usage, "Nobody signs in on a socket: it says by itself who you are"});
    }
    const auto server = choose_login_server(choice, SavedServers::default_directory());
    if (!server) return report(context, server.error());
    const ApiClient client{*server};
    const auto answer = link               ? by_link(context, client, options, link->code)
                        : options.password ? by_password(client, options)
                                           : by_what_there_is(context, client, options);
    if (!answer) {
        auto failure = answer.error();
        // `curfew login` is what they just did.
        const std::string hint = "\nSign in: curfew login";
        if (failure.message.ends_with(hint)) failure.message.resize(failure.message.size() - hint.size());
        return report(context, failure);
    }
    return keep_sign_in(context, *server, *answer);
}

ExitCode log_out(const Context& context) {
    const auto& server = context.client.server();
    if (server.is_local()) {
        return report(context,
                      {ExitCode::usage, "You are signed in nowhere; a socket says by itself who you are"});
    }
    const auto directory = SavedServers::default_directory();
    const auto saved = SavedServers::load(directory);
    if (!saved) return report(context, saved.error());
    if (server.token.empty()) {
        return report(context,
                      {ExitCode::not_signed_in, fmt::format("You are not signed in to {}", server.url)});
    }
    const auto answer = context.client.post("/sign-out");
    // What the server does not know any more is signed out already.
    const bool over = answer || answer.error().code == ExitCode::not_signed_in;
    if (saved->find(server.url) != nullptr) {
        if (const auto forgotten = SavedServers::forget(directory, server.url); !forgotten) {
            return report(context, forgotten.error());
        }
    }
    if (!over) {
        auto failure = answer.error();
        failure.message = fmt::format(
            "The token is forgotten here, but {} could not be told, and takes it until it "
            "expires: {}",
            server.url, failure.message);
        return report(context, failure);
    }
    if (context.json) {
        context.out << json::serialize(json::object{{"server", server.url}, {"signed_out", true}}) << '\n';
    } else {
        fmt::print(context.out, "Signed out of {}\n", server.url);
    }
    return ExitCode::ok;
}

ExitCode who_am_i(const Context& context) {
    const auto answer = context.client.get("/me");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto& me = answer->document;
    fmt::print(context.out, "{} at {}\n", context.terminal.styled(Style::bold, text_of(me, "name")),
               context.client.server().name());
    if (const auto name = text_of(me, "display_name"); !name.empty()) print_fact(context, "name", name);
    print_fact(context, "groups", joined(texts_of(me, "groups")));
    if (flag_of(me, "administrator")) print_fact(context, "may", "do everything: an administrator");
    print_fact(context, "by", text_of(me, "via"));
    print_fact(context, "scopes", joined(texts_of(me, "scopes")));
    if (const auto until = instant_of(me, "expires_at")) print_fact(context, "until", format_local(*until));
    return ExitCode::ok;
}

}  // namespace curfew::cli
