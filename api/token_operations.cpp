#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "api/json_values.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "api/sign_in_input.hpp"
#include "base/text.hpp"
#include "identity/access_tokens.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

struct Tokens {
    RemoteWorkflow& workflow;
    store::PeopleStore& people;
    const Clock& clock;
};

Error no_such_token(std::string_view id) {
    return {
        ErrorCode::not_found,
        fmt::format("There is no token '{}'; the list of tokens has their identifiers", printable(id, 40))};
}

json::object token_view(const store::Token& token) {
    return {{"id", token.id.text()},
            {"user", text_value(token.user)},
            {"name", text_value(token.name)},
            {"scopes", text_list(token.scopes)},
            {"created_at", instant_or_null(token.created_at)},
            {"expires_at", instant_or_null(token.expires_at)},
            {"last_used_at", instant_or_null(token.last_used_at)}};
}

Place place_of(const store::Token& token) {
    return {token.created_at, token.id.text()};
}

// Whose tokens are asked for, by any of the person's names. forbidden: somebody else's, and no administrator
// asks; whether there is such a person is not told then.
Result<std::string> owner_asked_for(const workflow::Rulebook& rulebook, const Call& call) {
    const auto asked = call.parameter("user");
    if (!asked) return call.who().user;
    auto owner = rulebook.directory().canonical(*asked).value_or(*asked);
    if (owner == call.who().user || call.who().is_administrator) return owner;
    return Error{ErrorCode::forbidden, "Only an administrator may see somebody else's tokens"};
}

Awaitable<Reply> list_tokens(Tokens tokens, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    const auto after = parse_place(page->after);
    if (!page->after.empty() && !after) co_return problem(not_a_place(page->after));
    auto looking = tokens.workflow.rulebook();
    const auto rulebook = co_await std::move(looking);
    const auto owner = owner_asked_for(*rulebook, call);
    if (!owner) co_return refused("list tokens", call.actor(), "", owner.error());
    auto asking = tokens.people.tokens(*owner);
    auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());

    std::erase_if(*found, [&](const store::Token& token) {
        return token.state != store::TokenState::active || (after && !place_of(token).is_below(*after));
    });
    std::sort(found->begin(), found->end(),
              [](const auto& a, const auto& b) { return place_of(b).is_below(place_of(a)); });
    std::optional<std::string> next;
    if (found->size() > page->limit) {
        found->resize(page->limit);
        next = to_string(place_of(found->back()));
    }
    json::array items;
    for (const auto& token : *found)
        items.emplace_back(token_view(token));
    co_return json_response(http::status::ok, list_document(std::move(items), next));
}

// The token that the call names, if it is good for something and who asks may know of it.
Awaitable<Result<store::Token>> find_token(Tokens tokens, const Call& call) {
    const auto id = TokenId::parse(call.id);
    if (!id) co_return no_such_token(call.id);
    auto asking = tokens.people.find_token(*id);
    auto found = co_await std::move(asking);
    if (!found) co_return found.error();
    const bool good = *found && (*found)->state == store::TokenState::active;
    if (!good || ((*found)->user != call.who().user && !call.who().is_administrator)) {
        co_return no_such_token(call.id);
    }
    co_return std::move(**found);
}

Awaitable<Reply> show_token(Tokens tokens, Call call) {
    auto asking = find_token(tokens, call);
    const auto token = co_await std::move(asking);
    if (!token) co_return problem(token.error());
    co_return json_response(http::status::ok, token_view(*token));
}

Awaitable<Reply> create_token(Tokens tokens, Call call) {
    auto wish = read_new_token(call.request);
    if (!wish) co_return refused("create token", call.actor(), "", wish.error());
    auto making =
        identity::make_access_token(tokens.people, call.who(), std::move(*wish), tokens.clock.wall_now());
    const auto made = co_await std::move(making);
    if (!made) co_return refused("create token", call.actor(), "", made.error());
    const auto& id = made->token.id.text();
    log_done("token.made", call.actor(), id, made->token.name);
    json::object body;
    body["token"] = token_view(made->token);
    body["secret"] = made->secret.reveal();  // shown this once, to its owner
    auto response = json_response(http::status::created, body);
    response.set(http::field::location, fmt::format("{}/tokens/{}", api_prefix, id));
    co_return response;
}

Awaitable<Reply> revoke_token(Tokens tokens, Call call) {
    auto asking = find_token(tokens, call);
    const auto token = co_await std::move(asking);
    if (!token) co_return refused("revoke token", call.actor(), call.id, token.error());
    auto revoking = tokens.people.revoke_token(token->id, call.recorded());
    const auto revoked = co_await std::move(revoking);
    // Somebody else was quicker.
    if (!revoked && revoked.error().code != ErrorCode::conflict) {
        co_return refused("revoke token", call.actor(), call.id, revoked.error());
    }
    log_done("token.revoked", call.actor(), call.id, token->user);
    co_return no_content();
}

}  // namespace

void add_token_operations(Router& router, RemoteWorkflow& workflow, store::PeopleStore& people,
                          const Clock& clock) {
    const Requirement see{Access::person, {Scope::read}};
    const Requirement change{Access::person, {Scope::admin}};
    const Tokens tokens{workflow, people, clock};
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(Tokens, Call)) {
        router.add(route, [tokens, operation](Call call) { return operation(tokens, std::move(call)); });
    };
    add({http::verb::get, "/tokens", see, paged({"user"})}, list_tokens);
    add({http::verb::post, "/tokens", change, {}, true}, create_token);
    add({http::verb::get, "/tokens/{id}", see}, show_token);
    add({http::verb::delete_, "/tokens/{id}", change}, revoke_token);
}

}  // namespace curfew::api
