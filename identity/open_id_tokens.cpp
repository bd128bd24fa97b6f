// The second half of OpenIdClient: what the provider's token and userinfo endpoints say, and whether to
// believe it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "identity/base64.hpp"
#include "identity/json_members.hpp"
#include "identity/open_id_client.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;

bool is_pending(std::string_view error) {
    return error == "authorization_pending" || error == "slow_down";
}

Error refused(const json::object& answer, int status) {
    const std::string error = text_member(answer, "error").value_or(fmt::format("status {}", status));
    if (error == "access_denied") return {ErrorCode::forbidden, "the sign-in was declined at the provider"};
    if (error == "expired_token")
        return {ErrorCode::invalid, "nobody signed in at the provider in time; begin again"};
    if (error == "invalid_grant")
        return {ErrorCode::invalid,
                "the sign-in provider does not take its own answer back: it was used already, or is too old; "
                "begin again"};
    const auto description = text_member(answer, "error_description").value_or("");
    return {ErrorCode::invalid,
            fmt::format("the sign-in provider refuses: {} ({}); sign_in.oidc may be wrong, or "
                        "the provider's settings for this client",
                        printable(description), printable(error))};
}

bool has(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

// client_secret_basic unless the provider says that it only takes the other form (RFC 6749, section 2.3.1).
void OpenIdClient::authenticate(http::Request& request, const ProviderMetadata& metadata) const {
    const auto& client = settings_.provider;
    const auto& methods = metadata.token_endpoint_auth_methods;
    if (!client.client_secret) {
        request.form->emplace_back("client_id", client.client_id);
    } else if (!methods.empty() && !has(methods, "client_secret_basic") &&
               has(methods, "client_secret_post")) {
        request.form->emplace_back("client_id", client.client_id);
        request.form->emplace_back("client_secret", client.client_secret->reveal());  // to be sent
    } else {
        const Secret pair{http::url_encoded(client.client_id) + ':' +
                          http::url_encoded(client.client_secret->reveal())};  // to be sent
        std::string encoded = encode_base64(pair.reveal(), Base64::standard);
        encoded.append((4 - encoded.size() % 4) % 4, '=');
        request.authorization = Secret{"Basic " + encoded};
    }
}

// The endpoint's answer: tokens, or that a device's person has not decided yet. Every other error is one.
Result<json::object> OpenIdClient::ask_token_endpoint(http::Fields form) {
    const auto metadata = provider_.metadata();
    if (!metadata) return metadata.error();
    http::Request request;
    request.url = (*metadata)->token_endpoint;
    request.form = std::move(form);
    authenticate(request, **metadata);
    const auto response = fetch_.fetch(request);
    if (!response) return response.error();
    auto answer = parse_object(response->body);
    if (response->status >= 500 || !answer)
        return Error{
            ErrorCode::unavailable,
            fmt::format("the sign-in provider answered {} to a request for a token", response->status)};
    if (response->status != 200 && !is_pending(text_member(*answer, "error").value_or("")))
        return refused(*answer, response->status);
    return std::move(*answer);
}

// The claims of an ID token whose signature is the provider's.
Result<Claims> OpenIdClient::verified(std::string_view id_token) {
    const auto token = SignedToken::parse(id_token);
    if (!token) return token.error();
    auto keys = provider_.keys();
    if (!keys) return keys.error();
    const VerificationKey* key = (*keys)->find(token->key_id(), token->algorithm());
    if (key == nullptr) {
        keys = provider_.newer_keys();
        if (!keys) return keys.error();
        key = (*keys)->find(token->key_id(), token->algorithm());
    }
    if (key == nullptr)
        return Error{ErrorCode::invalid,
                     fmt::format("the provider's ID token is refused: the provider has no key '{}' for {}",
                                 printable(token->key_id()), to_string(token->algorithm()))};
    return token->verify(*key);
}

Result<Claims> OpenIdClient::believe(const json::object& tokens, std::optional<std::string> nonce) {
    const auto id_token = text_member(tokens, "id_token");
    if (!id_token)
        return Error{ErrorCode::invalid,
                     "the sign-in provider gave no ID token; is `openid` in "
                     "sign_in.oidc.scopes?"};
    auto claims = verified(*id_token);
    if (!claims) return claims.error();
    IdTokenTerms terms;
    terms.issuer = settings_.provider.issuer;
    terms.client_id = settings_.provider.client_id;
    terms.nonce = std::move(nonce);
    terms.now = clock_.wall_now();
    if (auto met = check_claims(*claims, terms); !met) return met.error();
    return with_userinfo(std::move(*claims), tokens);
}

bool OpenIdClient::lacks_a_claim(const Claims& claims) const {
    const auto& provider = settings_.provider;
    return !claims.contains(provider.user_claim) ||
           (!provider.groups_claim.empty() && !claims.contains(provider.groups_claim));
}

// Many providers put no more than who somebody is into the ID token of this flow, and leave the rest to this
// endpoint (OpenID Connect Core 1.0, section 5.4).
Result<Claims> OpenIdClient::with_userinfo(Claims claims, const json::object& tokens) {
    const auto metadata = provider_.metadata();
    if (!metadata) return metadata.error();
    const auto access_token = text_member(tokens, "access_token");
    if (!lacks_a_claim(claims) || !(*metadata)->userinfo_endpoint || !access_token) return claims;
    http::Request request;
    request.url = *(*metadata)->userinfo_endpoint;
    request.authorization = Secret{"Bearer " + *access_token};
    const auto response = fetch_.fetch(request);
    if (!response) return response.error();
    const auto more = parse_object(response->body);
    if (response->status != 200 || !more)
        return Error{
            ErrorCode::unavailable,
            fmt::format("the sign-in provider answered {} when asked about who signed in", response->status)};
    // Section 5.3.2: else it is about somebody else.
    if (text_member(*more, "sub") != text_member(claims, "sub"))
        return Error{ErrorCode::invalid, "the sign-in provider's userinfo is about somebody else (sub)"};
    // What was signed stays as it was signed.
    for (const auto& claim : *more) {
        if (!claims.contains(claim.key())) claims.emplace(claim.key(), claim.value());
    }
    return claims;
}

}  // namespace curfew::identity
