// What every request passes on its way to an operation: does it belong here, who sends it, and may they?
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "api/access.hpp"
#include "api/http_types.hpp"
#include "api/router.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace curfew::api {

// What somebody shows to prove who they are.
struct Credential {
    bool from_cookie = false;  // which a browser sends by itself
    Secret token;
};
// The bearer token of a request, or else its cookie; nullopt: neither.
std::optional<Credential> credential_of(const Request& request, const Peer& peer);

// Whose token it is: identity::Authentication::by_token. forbidden: nobody's, or not any more.
using Authenticate = std::function<Awaitable<Result<Principal>>(Secret token)>;
// Who came by the Unix socket: identity::principal_of_socket.
using IdentifyLocal = std::function<Principal(const std::string& system_user)>;

// Over the Unix socket there is nothing to be checked but the peer, who is an administrator by the file's
// mode.
class Gate {
public:
    // Without `authenticate` nobody can prove who they are over TCP.
    Gate(std::string public_url, Authenticate authenticate, IdentifyLocal identify_local)
        : public_url_{std::move(public_url)},
          authenticate_{std::move(authenticate)},
          identify_local_{std::move(identify_local)} {}

    // 421 where the Host is not this server's.
    std::optional<Response> refuse_host(const Request& request, const Peer& peer) const;

    // Who sends it, if `requirement` lets them: nullopt only where anyone may. Else the response: 401 (nobody
    // proved anything), 403 (may not, or another site's page sends it), 503.
    Awaitable<std::variant<std::optional<Principal>, Response>> admit(const Request& request,
                                                                      const Peer& peer,
                                                                      Requirement requirement) const;

private:
    std::optional<Response> refuse_site(const Request& request, const Peer& peer,
                                        const std::optional<Credential>& credential) const;

    const std::string public_url_;
    const Authenticate authenticate_;
    const IdentifyLocal identify_local_;
};

}  // namespace curfew::api
