// What every request passes on its way to an operation: does it belong here, who sends it, and may they?
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "api/caller.hpp"
#include "api/http_types.hpp"
#include "api/router.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace curfew::api {

// The cookie of a sign-in. The first with TLS: browsers take a cookie of such a name only over TLS, for this
// very host and all its paths.
inline constexpr std::string_view secure_cookie = "__Host-curfew";
inline constexpr std::string_view plain_cookie = "curfew";

// What somebody shows to prove who they are.
struct Credential {
    Via via = Via::token;  // token or cookie
    Secret secret;
};

// Whose it is; nullopt: nobody's, or not any more. unavailable: it cannot be told now.
using Authenticate = std::function<Awaitable<Result<std::optional<Caller>>>(Credential credential)>;

// The bearer token of a request, or else its cookie; nullopt: neither.
std::optional<Credential> credential_of(const Request& request, const Peer& peer);

// Over the Unix socket there is nothing to be checked but the peer, who is an administrator by the file's
// mode.
class Gate {
public:
    // Without `authenticate` nobody can prove who they are over TCP.
    Gate(std::string public_url, Authenticate authenticate)
        : public_url_{std::move(public_url)}, authenticate_{std::move(authenticate)} {}

    // 421 where the Host is not this server's.
    std::optional<Response> refuse_host(const Request& request, const Peer& peer) const;

    // Who sends it, if `requirement` lets them: nullopt only where anyone may. Else the response: 401 (nobody
    // proved anything), 403 (may not, or another site's page sends it), 503.
    Awaitable<std::variant<std::optional<Caller>, Response>> admit(const Request& request, const Peer& peer,
                                                                   Requirement requirement) const;

private:
    std::optional<Response> refuse_site(const Request& request, const Peer& peer,
                                        const std::optional<Credential>& credential) const;

    const std::string public_url_;
    const Authenticate authenticate_;
};

}  // namespace curfew::api
