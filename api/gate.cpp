#include "api/gate.hpp"

#include <boost/beast/core/string.hpp>
#include <utility>

#include "api/cookies.hpp"
#include "api/origin.hpp"
#include "api/problem.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

using Admission = std::variant<std::optional<Principal>, Response>;

constexpr std::string_view bearer = "Bearer ";

bool is_safe(http::verb method) {
    return method == http::verb::get || method == http::verb::head || method == http::verb::options;
}

// How and from where they came, for the record: `token 203.0.113.7`, `socket`.
std::string came_by(const Principal& principal, const Peer& peer) {
    std::string text{identity::to_string(principal.via)};
    return peer.local || peer.address.empty() ? text : text + ' ' + peer.address;
}

}  // namespace

std::optional<Credential> credential_of(const Request& request, const Peer& peer) {
    const auto authorization = view_of(request[http::field::authorization]);
    if (authorization.size() > bearer.size() &&
        boost::beast::iequals(authorization.substr(0, bearer.size()), bearer)) {
        return Credential{false, Secret{std::string{authorization.substr(bearer.size())}}};
    }
    const auto cookie = cookie_value(request, sign_in_cookie.towards(peer));
    if (cookie.empty()) return std::nullopt;
    return Credential{true, Secret{std::string{cookie}}};
}

std::optional<Response> Gate::refuse_host(const Request& request, const Peer& peer) const {
    if (peer.local || names_this_server(request, public_url_)) return std::nullopt;
    return problem(http::status::misdirected_request,
                   "This server does not go by the name '" +
                       printable(view_of(request[http::field::host]), 100) +
                       "'; use its address, or have api.public_url name it");
}

std::optional<Response> Gate::refuse_site(const Request& request, const Peer& peer,
                                          const std::optional<Credential>& credential) const {
    // No page can make a browser send a token that it does not have.
    if (is_safe(request.method()) || (credential && !credential->from_cookie)) return std::nullopt;
    const auto site = site_of(request, peer, public_url_);
    // A browser that says nothing would send the cookie all the same.
    if (site == Site::same || (site == Site::unknown && !credential)) return std::nullopt;
    log::warning("api.other_site_refused", {{"from", peer.address},
                                            {"origin", view_of(request[http::field::origin])},
                                            {"target", view_of(request.target())}});
    return problem(http::status::forbidden,
                   "This came from another site's page, or from a browser that does not say from where; only "
                   "this server's own pages may change anything");
}

Awaitable<Admission> Gate::admit(const Request& request, const Peer& peer, Requirement requirement) const {
    if (peer.local) {
        Principal local = identify_local_(peer.user);
        local.from = came_by(local, peer);
        co_return Admission{std::move(local)};
    }
    auto credential = credential_of(request, peer);
    if (auto refusal = refuse_site(request, peer, credential)) co_return Admission{std::move(*refusal)};
    if (requirement.access == Access::anyone) co_return Admission{std::nullopt};
    if (!credential || !authenticate_) {
        co_return Admission{unauthenticated("Sign in first, or send a token as 'Authorization: Bearer …'")};
    }
    const bool from_cookie = credential->from_cookie;
    auto asking = authenticate_(std::move(credential->token));
    auto principal = co_await std::move(asking);
    if (!principal) {
        const bool not_good = principal.error().code == ErrorCode::forbidden;
        co_return Admission{not_good ? unauthenticated(principal.error().message)
                                     : problem(principal.error())};
    }
    // The cookie carries sign-ins and nothing else: a token that was planted there would be somebody else's.
    if (from_cookie && principal->via != identity::Via::sign_in) {
        co_return Admission{unauthenticated("This cookie is not that of a sign-in; sign in again")};
    }
    if (const auto error = why_not(*principal, requirement)) {
        log::warning("api.refused", {{"actor", principal->recorded_as},
                                     {"target", view_of(request.target())},
                                     {"error", error->message}});
        co_return Admission{problem(*error)};
    }
    principal->from = came_by(*principal, peer);
    co_return Admission{std::move(*principal)};
}

}  // namespace curfew::api
