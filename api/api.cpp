#include "api/api.hpp"

#include <utility>
#include <variant>

#include "api/operations.hpp"
#include "api/problem.hpp"
#include "api/refusal_page.hpp"
#include "api/sign_in_answers.hpp"

namespace curfew::api {
namespace {

// By the file's mode an administrator, and nobody in particular.
Principal nobody_in_particular(const std::string& system_user) {
    static const identity::People none{config::Config{}};
    return identity::principal_of_socket(system_user, none);
}

Awaitable<Result<Principal>> nobody_by_name(std::string) {
    co_return Error{ErrorCode::forbidden, "There is nobody here who could be known by an account in a chat"};
}

notify::slack::KnownPeople known(notify::slack::KnownPeople people) {
    if (!people.principal) people.principal = nobody_by_name;
    if (!people.user_of_email) people.user_of_email = [](std::string_view) { return std::nullopt; };
    return people;
}

}  // namespace

Api::Api(const boost::asio::any_io_executor& executor, const boost::asio::any_io_executor& control_executor,
         const ApiParts& parts, ApiSettings settings)
    : gate_{settings.public_url, std::move(settings.authenticate),
            settings.identify_local ? std::move(settings.identify_local) : nobody_in_particular},
      page_{settings.page},
      idempotency_{parts.store},
      node_{control_executor, parts.control},
      workflow_{control_executor, parts.desk, parts.registry, parts.commands},
      feed_{executor, control_executor, parts.control, parts.store},
      fleet_{node_, parts.store, feed_, parts.clock, settings.node},
      sessions_{executor, fleet_, feed_, parts.clock, settings.events},
      request_feed_{executor, parts.store, workflow_, parts.clock, settings.events.least_interval},
      request_desk_{workflow_},
      recordings_{std::move(settings.recordings)},
      first_notifiers_{std::move(settings.notifiers)},
      slack_{executor,
             {parts.store, request_desk_, parts.clock, known(std::move(settings.known_people)),
              settings.people_address}},
      router_{std::string{api_prefix}} {
    const PublicPlaces places{settings.public_url, settings.people_address};
    add_request_operations(router_, workflow_, places);
    add_credential_operations(router_, workflow_, node_, places);
    add_catalogue_operations(router_, workflow_, node_, places);
    add_grant_operations(router_, node_, workflow_, parts.store);
    add_session_operations(router_, fleet_, parts.clock);
    add_history_operations(router_, parts.store);
    add_audit_operations(router_, {parts.store, parts.clock, parts.signing_key, settings.node});
    add_recording_operations(router_, {recordings_, parts.store, gate_, parts.clock, executor, settings.node,
                                       settings.events.longest_silence});
    add_access_review_operations(router_, workflow_, node_, parts.store);
    add_node_operations(router_, node_, parts.store);
    add_notification_operations(router_, parts.store);
    add_offline_operations(router_, node_);
    const SignInParts sign_in{parts.sign_in, parts.password_links, parts.clock, settings.display_name,
                              places};
    add_sign_in_operations(router_, sign_in);
    add_provider_operations(router_, sign_in);
    add_token_operations(router_, workflow_, parts.store, parts.clock);
    add_object_operations(router_, workflow_, parts.store);
    add_chat_account_operations(router_, parts.store, parts.clock);
    add_slack_operations(router_, slack_);
    add_own_operations(router_, std::move(settings.display_name));
    add_event_operations(router_, {executor, sessions_, feed_, request_feed_}, gate_, parts.clock);
}

void Api::start() {
    feed_.start();
    slack_.use(first_notifiers_);
}

Awaitable<void> Api::stop() {
    co_await slack_.stop();
    co_await feed_.stop();
}

Awaitable<Reply> Api::handle(Request request, Peer peer) {
    const bool navigates = is_navigation(request);
    const std::string target{view_of(request.target())};
    auto responding = respond(std::move(request), std::move(peer));
    Reply reply = co_await std::move(responding);
    auto* response = std::get_if<Response>(&reply);
    if (navigates && response != nullptr && is_problem(*response)) {
        *response = refusal_page(std::move(*response), target);
    }
    co_return reply;
}

Awaitable<Reply> Api::respond(Request request, Peer peer) {
    if (auto refusal = gate_.refuse_host(request, peer)) co_return std::move(*refusal);
    if (auto answer = page_.answer(request)) co_return std::move(*answer);
    auto found = router_.find(request.method(), {request.target().data(), request.target().size()});
    if (auto* nobody = std::get_if<Response>(&found)) co_return std::move(*nobody);
    auto& match = std::get<Router::Match>(found);

    auto admitting = gate_.admit(request, peer, match.route->requirement);
    auto admission = co_await std::move(admitting);
    if (auto* refusal = std::get_if<Response>(&admission)) co_return std::move(*refusal);

    Call call;
    call.request = std::move(request);
    call.peer = std::move(peer);
    call.principal = std::get<std::optional<Principal>>(std::move(admission));
    call.id = std::move(match.id);
    call.query = std::move(match.query);
    auto answering = match.route->idempotency_key ? idempotency_.once(std::move(call), *match.handler)
                                                  : (*match.handler)(std::move(call));
    Reply reply = co_await std::move(answering);
    co_return reply;
}

}  // namespace curfew::api
