// What a provider publishes about itself: where its endpoints are, and its keys.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/fetch.hpp"
#include "identity/json_web_key.hpp"

namespace curfew::identity {

// From /.well-known/openid-configuration (OpenID Connect Discovery 1.0, RFC 8414).
struct ProviderMetadata {
    std::string issuer;
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string jwks_uri;
    std::optional<std::string> device_authorization_endpoint;
    std::optional<std::string> userinfo_endpoint;
    std::vector<std::string> token_endpoint_auth_methods;  // as published; client_secret_basic by default
    bool names_itself_in_answers = false;                  // RFC 9207

    // invalid: no metadata, of another issuer, without PKCE's S256 where it says so, or an endpoint that is
    // not allowed_url.
    static Result<ProviderMetadata> parse(std::string_view json_text, const std::string& issuer);
};

// Asks, and remembers: metadata and keys for an hour, that it could not be asked for a few seconds, so that a
// provider that is away is not waited for again and again. Thread-safe; its functions block while they ask.
class OpenIdProvider {
public:
    // `fetch` and `clock` must outlive it.
    OpenIdProvider(std::string issuer, http::Fetch& fetch, const Clock& clock);

    // unavailable: it cannot be asked. invalid: what it answers is of no use; the message says why.
    Result<std::shared_ptr<const ProviderMetadata>> metadata();
    // The same; a key that the provider has taken back is used for an hour more at most.
    Result<std::shared_ptr<const KeySet>> keys();
    // Keys that were asked for just now, for a token with a key that is not among keys(): the provider may
    // have begun to use a new one. Asked for once in ten seconds at most, since anybody can name any key; in
    // between it gives what keys() does.
    Result<std::shared_ptr<const KeySet>> newer_keys();

private:
    // The last answer, and the last failure since.
    template <class T>
    struct Remembered {
        std::shared_ptr<const T> value;
        BootInstant answered_at{};
        std::optional<Error> failure;
        BootInstant failed_at{};
    };

    template <class T, class Ask>
    Result<std::shared_ptr<const T>> recall(Remembered<T>& remembered, Duration most_age, Ask ask);
    Result<ProviderMetadata> ask_metadata();
    Result<KeySet> ask_keys();
    Result<std::shared_ptr<const KeySet>> keys_younger_than(Duration most_age);

    const std::string issuer_;
    http::Fetch& fetch_;
    const Clock& clock_;
    // Held while asking: others that need the answer wait for it instead of asking as well.
    std::mutex metadata_mutex_;
    Remembered<ProviderMetadata> metadata_;
    std::mutex keys_mutex_;
    Remembered<KeySet> keys_;
};

}  // namespace curfew::identity
