#include "identity/open_id_provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <utility>

#include "base/text.hpp"
#include "identity/json_members.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;

constexpr std::chrono::hours remembered_for{1};
constexpr std::chrono::seconds failure_remembered_for{5};
constexpr std::chrono::seconds keys_asked_for_every{10};

Error wrong(std::string_view issuer, std::string message) {
    return {ErrorCode::invalid,
            fmt::format("the sign-in provider {} cannot be used: {}", printable(issuer), std::move(message))};
}

// The answer's body, if it was what was asked for.
Result<std::string> successful(Result<http::Response> response, const std::string& url) {
    if (!response) return response.error();
    if (response->status != 200)
        return Error{ErrorCode::unavailable,
                     fmt::format("the sign-in provider answered {} to {}", response->status, printable(url))};
    return std::move(response->body);
}

// Publishing nothing about PKCE means nothing; publishing other methods means that ours would be ignored.
bool takes_s256(const json::object& document) {
    const auto methods = texts_member(document, "code_challenge_methods_supported");
    return !methods || std::find(methods->begin(), methods->end(), "S256") != methods->end();
}

}  // namespace

Result<ProviderMetadata> ProviderMetadata::parse(std::string_view json_text, const std::string& issuer) {
    const auto document = parse_object(json_text);
    if (!document) return wrong(issuer, "what it publishes about itself is no JSON object");
    ProviderMetadata metadata;
    metadata.issuer = text_member(*document, "issuer").value_or("");
    if (metadata.issuer != issuer)
        return wrong(issuer,
                     fmt::format("it calls itself '{}'; sign_in.oidc.issuer must be that, letter by letter",
                                 printable(metadata.issuer)));
    if (!takes_s256(*document)) return wrong(issuer, "it does not take PKCE with S256");

    const auto endpoint = [&](const char* name, std::string& where) -> std::optional<Error> {
        where = text_member(*document, name).value_or("");
        if (http::allowed_url(where)) return std::nullopt;
        return wrong(issuer,
                     fmt::format("its {} is '{}', which is no https address", name, printable(where)));
    };
    if (auto failure = endpoint("authorization_endpoint", metadata.authorization_endpoint)) return *failure;
    if (auto failure = endpoint("token_endpoint", metadata.token_endpoint)) return *failure;
    if (auto failure = endpoint("jwks_uri", metadata.jwks_uri)) return *failure;
    const std::array optional{
        std::pair{"device_authorization_endpoint", &metadata.device_authorization_endpoint},
        std::pair{"userinfo_endpoint", &metadata.userinfo_endpoint}};
    for (const auto& [name, where] : optional) {
        if (!document->contains(name)) continue;
        if (auto failure = endpoint(name, where->emplace())) return *failure;
    }
    metadata.token_endpoint_auth_methods =
        texts_member(*document, "token_endpoint_auth_methods_supported").value_or(std::vector<std::string>{});
    metadata.names_itself_in_answers =
        flag_member(*document, "authorization_response_iss_parameter_supported").value_or(false);
    return metadata;
}

OpenIdProvider::OpenIdProvider(std::string issuer, http::Fetch& fetch, const Clock& clock)
    : issuer_{std::move(issuer)}, fetch_{fetch}, clock_{clock} {}

template <class T, class Ask>
Result<std::shared_ptr<const T>> OpenIdProvider::recall(Remembered<T>& remembered, Duration most_age,
                                                        Ask ask) {
    const BootInstant now = clock_.boot_now();
    if (remembered.value && now - remembered.answered_at < most_age) return remembered.value;
    if (remembered.failure && now - remembered.failed_at < failure_remembered_for) return *remembered.failure;
    auto answer = ask();
    if (!answer) {
        remembered.failure = answer.error();
        remembered.failed_at = clock_.boot_now();
        return answer.error();
    }
    remembered.failure.reset();
    remembered.value = std::make_shared<const T>(std::move(*answer));
    remembered.answered_at = clock_.boot_now();
    return remembered.value;
}

Result<ProviderMetadata> OpenIdProvider::ask_metadata() {
    // A slash at the issuer's end is left out here, and here alone (Discovery 1.0, section 4.1).
    std::string url = issuer_;
    while (url.ends_with('/'))
        url.pop_back();
    url += "/.well-known/openid-configuration";
    http::Request request;
    request.url = url;
    const auto body = successful(fetch_.fetch(request), url);
    if (!body) return body.error();
    return ProviderMetadata::parse(*body, issuer_);
}

Result<KeySet> OpenIdProvider::ask_keys() {
    const auto about = metadata();
    if (!about) return about.error();
    http::Request request;
    request.url = (*about)->jwks_uri;
    const auto body = successful(fetch_.fetch(request), request.url);
    if (!body) return body.error();
    auto keys = KeySet::parse(*body);
    if (!keys) return wrong(issuer_, keys.error().message);
    return keys;
}

Result<std::shared_ptr<const ProviderMetadata>> OpenIdProvider::metadata() {
    const std::lock_guard lock{metadata_mutex_};
    return recall(metadata_, remembered_for, [this] { return ask_metadata(); });
}

Result<std::shared_ptr<const KeySet>> OpenIdProvider::keys_younger_than(Duration most_age) {
    const std::lock_guard lock{keys_mutex_};
    return recall(keys_, most_age, [this] { return ask_keys(); });
}

Result<std::shared_ptr<const KeySet>> OpenIdProvider::keys() {
    return keys_younger_than(remembered_for);
}

Result<std::shared_ptr<const KeySet>> OpenIdProvider::newer_keys() {
    return keys_younger_than(keys_asked_for_every);
}

}  // namespace curfew::identity
