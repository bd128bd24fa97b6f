#include <boost/json/object.hpp>
#include <utility>
#include <variant>

#include "api/gate.hpp"
#include "api/json_input.hpp"
#include "api/json_values.hpp"
#include "api/operations.hpp"
#include "api/origin.hpp"
#include "api/problem.hpp"
#include "api/sign_in_answers.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

// `id.example.com`, of a provider's address.
std::string host_of(std::string_view url) {
    const auto origin = origin_of(url);
    const auto begin = origin.find("://");
    const auto authority = begin == std::string::npos
                               ? std::nullopt
                               : parse_authority(std::string_view{origin}.substr(begin + 3));
    return authority ? authority->host : origin;
}

Awaitable<Reply> list_methods(SignInParts parts, Call) {
    auto asking = parts.links.needs_first_administrator();
    const auto needs_first = co_await std::move(asking);
    if (!needs_first) co_return problem(needs_first.error());
    json::object methods{{"password", parts.desk.takes_passwords()},
                         {"oidc", nullptr},
                         {"device", false},
                         {"first_administrator", *needs_first}};
    if (const auto provider = parts.desk.provider()) {
        methods["oidc"] = json::object{{"name", text_value(host_of(provider->settings().provider.issuer))}};
        auto looking = provider->has_device_flow();
        const auto device = co_await std::move(looking);
        methods["device"] = device.has_value() && *device;
    }
    co_return json_response(http::status::ok, methods);
}

Awaitable<Reply> sign_in_with_password(SignInParts parts, Call call) {
    auto asked = read_password_sign_in(call.request);
    if (!asked) co_return problem(asked.error());
    auto signing_in = parts.desk.with_password(std::move(asked->user), std::move(asked->password),
                                               context_of(call, asked->form));
    const auto signed_in = co_await std::move(signing_in);
    if (!signed_in) co_return refusal_response(signed_in.error());
    co_return signed_in_response(parts, call, asked->form, *signed_in);
}

Awaitable<Reply> use_one_time_link(SignInParts parts, Call call) {
    auto asked = read_one_time_sign_in(call.request);
    if (!asked) co_return problem(asked.error());
    auto using_it = parts.links.use(std::move(asked->code), std::move(asked->user),
                                    std::move(asked->password), context_of(call, asked->form));
    const auto signed_in = co_await std::move(using_it);
    if (!signed_in) co_return refusal_response(signed_in.error());
    co_return signed_in_response(parts, call, asked->form, *signed_in);
}

Awaitable<Reply> start_device(SignInParts parts, Call call) {
    if (const auto nothing = read_nothing(call.request); !nothing) co_return problem(nothing.error());
    auto starting = parts.desk.start_device(call.peer.address);
    const auto start = co_await std::move(starting);
    if (!start) co_return refusal_response(start.error());
    const json::object body{
        {"device_code", start->device_code},
        {"user_code", text_value(start->user_code)},
        {"verification_uri", text_value(start->verification_uri)},
        {"verification_uri_complete", text_or_null(start->verification_uri_complete.value_or(""))},
        {"expires_in_seconds", start->expires_in.count()},
        {"interval_seconds", start->interval.count()}};
    co_return json_response(http::status::ok, body);
}

Awaitable<Reply> poll_device(SignInParts parts, Call call) {
    auto asked = read_device_poll(call.request);
    if (!asked) co_return problem(asked.error());
    auto polling = parts.desk.poll_device(std::move(asked->device_code), context_of(call, asked->form));
    const auto answer = co_await std::move(polling);
    if (!answer) co_return refusal_response(answer.error());
    if (const auto* pending = std::get_if<identity::DevicePending>(&*answer)) {
        const json::object body{{"interval_seconds", pending->interval.count()}};
        co_return json_response(http::status::accepted, body);
    }
    co_return signed_in_response(parts, call, asked->form, std::get<identity::SignedIn>(*answer));
}

Awaitable<Reply> sign_out(SignInParts parts, Call call) {
    if (const auto nothing = read_nothing(call.request); !nothing) co_return problem(nothing.error());
    auto credential = credential_of(call.request, call.peer);
    if (!credential || call.who().via == identity::Via::socket) {
        const Error nobody{ErrorCode::conflict,
                           "Nobody is signed in on the Unix socket: it says who you are"};
        co_return refused("sign out", call.actor(), "", nobody);
    }
    const bool from_cookie = credential->from_cookie;
    auto ending = parts.desk.sign_out(std::move(credential->token));
    const auto ended = co_await std::move(ending);
    if (!ended) co_return problem(ended.error());
    log_done("sign_in.ended", call.actor(), "");
    auto response = no_content();
    if (from_cookie) forget_cookie(response, parts, call, sign_in_cookie);
    co_return response;
}

Awaitable<Reply> change_password(SignInParts parts, Call call) {
    auto change = read_password_change(call.request);
    if (!change) co_return problem(change.error());
    if (call.who().user.empty()) {
        const Error nobody{ErrorCode::conflict, "You are no user here, and so have no password"};
        co_return refused("change password", call.actor(), "", nobody);
    }
    auto changing = parts.desk.change_password(call.who().user, std::move(change->current),
                                               std::move(change->wanted), context_of(call, {}));
    auto signed_in = co_await std::move(changing);
    if (!signed_in) co_return refusal_response(signed_in.error(), http::status::forbidden);
    log_done("password.changed", call.actor(), call.who().user);
    const auto credential = credential_of(call.request, call.peer);
    auto response = no_content();
    if (call.who().via == identity::Via::sign_in && credential && credential->from_cookie) {
        set_sign_in_cookie(response, parts, call, *signed_in);
        co_return response;
    }
    // There is no browser to keep the sign-in that came of it.
    auto ending = parts.desk.sign_out(std::move(signed_in->token));
    const auto ended = co_await std::move(ending);
    if (!ended) co_return problem(ended.error());
    co_return response;
}

Awaitable<Reply> make_one_time_link(SignInParts parts, Call call) {
    if (const auto nothing = read_nothing(call.request); !nothing) {
        co_return refused("make a link", call.actor(), call.id, nothing.error());
    }
    auto making = parts.links.make(call.id, call.recorded());
    const auto link = co_await std::move(making);
    if (!link) co_return refused("make a link", call.actor(), call.id, link.error());
    log_done("admin.link_made", call.actor(), link->user);
    json::object body{{"user", text_value(link->user)},
                      {"code", link->code.reveal()},  // for the administrator to hand on
                      {"url", nullptr},
                      {"expires_at", instant_or_null(link->expires_at)}};
    if (!parts.places.people_address.empty())
        body["url"] = identity::link_url(parts.places.people_address, *link);
    co_return json_response(http::status::created, body);
}

}  // namespace

void add_sign_in_operations(Router& router, const SignInParts& parts) {
    const Requirement anyone{Access::anyone, {}};
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(SignInParts, Call)) {
        router.add(route, [parts, operation](Call call) { return operation(parts, std::move(call)); });
    };
    add({http::verb::get, "/sign-in", anyone}, list_methods);
    add({http::verb::post, "/sign-in/password", anyone}, sign_in_with_password);
    add({http::verb::post, "/sign-in/one-time", anyone}, use_one_time_link);
    add({http::verb::post, "/sign-in/device", anyone}, start_device);
    add({http::verb::post, "/sign-in/device/poll", anyone}, poll_device);
    add({http::verb::post, "/sign-out", {Access::person, {Scope::read}}}, sign_out);
    add({http::verb::put, "/me/password", {Access::person, {}}}, change_password);
    add({http::verb::post, "/users/{name}/one-time-link", {Access::administrator, {Scope::admin}}},
        make_one_time_link);
}

}  // namespace curfew::api
