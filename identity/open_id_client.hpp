// Signing in at an OpenID provider: authorization code with PKCE for the page, device flow for the command.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/fetch.hpp"
#include "identity/id_token.hpp"
#include "identity/open_id_provider.hpp"
#include "identity/open_id_settings.hpp"
#include "identity/sealed_box.hpp"
#include "identity/token_buckets.hpp"

namespace curfew::identity {

// What the provider says about who signed in: the ID token's claims, verified, and those of its userinfo
// endpoint where the ID token lacks one that we need.
using Claims = boost::json::object;

// Where to send the browser, and what it has to bring back with the answer, in a cookie of its own: HttpOnly,
// Secure, SameSite=Lax (it comes back from another site), for as long as `lifetime`.
struct AuthorizationStart {
    std::string url;
    std::string cookie;
    std::chrono::seconds lifetime{};
};

// The query of the address that the provider sends the browser back to.
struct AuthorizationAnswer {
    std::string code;
    std::string state;
    std::optional<std::string> issuer;  // `iss`
    std::optional<std::string> error;
    std::string error_description;
};

struct AuthorizationResult {
    Claims claims;
    std::string return_to;  // as given at the start
};

// What to show to a person who signs in on another device, and what to ask with whether they have.
struct DeviceStart {
    std::string device_code;  // sealed: of no use with the provider
    std::string user_code;
    std::string verification_uri;
    std::optional<std::string> verification_uri_complete;
    std::chrono::seconds expires_in{};
    std::chrono::seconds interval{};
};

struct DevicePending {
    std::chrono::seconds interval{};  // to wait before asking again
};
using DeviceAnswer = std::variant<DevicePending, Claims>;

// We keep nothing of a sign-in that is under way: the browser or the command carries it, sealed, so any node
// of a fleet can go on with it, and nobody can fill our memory. The client's secret, the PKCE verifier and
// the device code are never told to either. Thread-safe; its functions block while they ask the provider.
//
// Errors: unavailable: the provider cannot be asked. invalid: what came back is not to be believed, or was
// begun elsewhere or too long ago. forbidden: the provider says no (the person declined, or may not).
class OpenIdClient {
public:
    // `fetch` and `clock` must outlive it. `secret`: the store's installation secret.
    OpenIdClient(OpenIdSettings settings, const Secret& secret, http::Fetch& fetch, const Clock& clock);

    // `return_to`: a path on our own server; invalid: it is none, and would lead to another.
    Result<AuthorizationStart> start_authorization(std::string return_to);
    Result<AuthorizationResult> finish_authorization(std::string_view cookie,
                                                     const AuthorizationAnswer& answer);

    // not_found: this provider has no device flow.
    Result<DeviceStart> start_device();
    // Asked too often, it says so without asking the provider.
    Result<DeviceAnswer> poll_device(std::string_view device_code);

    // Whether start_device has a chance; false also while the provider cannot be asked.
    bool has_device_flow();

    const OpenIdSettings& settings() const noexcept { return settings_; }

private:
    Result<boost::json::object> ask_token_endpoint(http::Fields form);
    Result<Claims> believe(const boost::json::object& tokens, std::optional<std::string> nonce);
    Result<Claims> verified(std::string_view id_token);
    Result<Claims> with_userinfo(Claims claims, const boost::json::object& tokens);
    bool lacks_a_claim(const Claims& claims) const;
    void authenticate(http::Request& request, const ProviderMetadata& metadata) const;
    Result<boost::json::object> open_state(const SealedBox& box, std::string_view sealed) const;
    bool may_poll(std::string_view device_code, std::chrono::seconds interval);

    const OpenIdSettings settings_;
    http::Fetch& fetch_;
    const Clock& clock_;
    OpenIdProvider provider_;
    const SealedBox authorization_box_;
    const SealedBox device_box_;
    std::mutex polls_mutex_;
    TokenBuckets polls_;
};

}  // namespace curfew::identity
