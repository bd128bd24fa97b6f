#include "api/api.hpp"

#include <utility>
#include <variant>

#include "api/operations.hpp"
#include "api/problem.hpp"

namespace curfew::api {

Api::Api(const boost::asio::any_io_executor& executor, const boost::asio::any_io_executor& control_executor,
         proxy::Control& control, const Clock& clock, ApiSettings settings)
    : gate_{std::move(settings.public_url), std::move(settings.authenticate)},
      node_{control_executor, control},
      feed_{executor, control_executor, control},
      sessions_{executor, node_, feed_, clock, settings.events},
      router_{std::string{api_prefix}} {
    add_grant_operations(router_, node_);
    add_session_operations(router_, node_, clock);
    add_node_operations(router_, node_);
    add_own_operations(router_);
    add_event_operations(router_, executor, sessions_, feed_);
}

Awaitable<Reply> Api::handle(Request request, Peer peer) {
    if (auto refusal = gate_.refuse_host(request, peer)) co_return std::move(*refusal);
    auto found = router_.find(request.method(), {request.target().data(), request.target().size()});
    if (auto* nobody = std::get_if<Response>(&found)) co_return std::move(*nobody);
    auto& match = std::get<Router::Match>(found);

    auto admitting = gate_.admit(request, peer, match.route->requirement);
    auto admission = co_await std::move(admitting);
    if (auto* refusal = std::get_if<Response>(&admission)) co_return std::move(*refusal);

    Call call;
    call.request = std::move(request);
    call.peer = std::move(peer);
    call.caller = std::get<std::optional<Caller>>(std::move(admission));
    call.id = std::move(match.id);
    call.query = std::move(match.query);
    auto answering = (*match.handler)(std::move(call));
    Reply reply = co_await std::move(answering);
    co_return reply;
}

}  // namespace curfew::api
