#include "oidc_fixture.hpp"

#include <gmock/gmock.h>

#include <cstddef>
#include <utility>

namespace curfew::test {

using identity::AuthorizationAnswer;
using identity::Claims;
using identity::OpenIdClient;
using identity::OpenIdSettings;

namespace {

http::CurlFetch::Options fetch_options(const RunningProvider& provider) {
    http::CurlFetch::Options options;
    options.root_certificate_file = provider.root_certificate();
    return options;
}

}  // namespace

std::string query_field(const std::string& url, const std::string& name) {
    const auto begin = url.find(name + "=", url.find('?'));
    if (begin == std::string::npos) return {};
    const auto value = begin + name.size() + 1;
    std::string text = url.substr(value, url.find('&', value) - value);
    for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; ++at)
        text.replace(at, 3, 1, static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16)));
    return text;
}

// What comes back with the browser.
AuthorizationAnswer answer_of(const std::string& url) {
    AuthorizationAnswer answer;
    answer.code = query_field(url, "code");
    answer.state = query_field(url, "state");
    answer.issuer = query_field(url, "iss");
    if (const auto error = query_field(url, "error"); !error.empty()) answer.error = error;
    return answer;
}

std::unique_ptr<RunningProvider> Oidc::provider;

void Oidc::SetUpTestSuite() {
    provider = std::make_unique<RunningProvider>();
}

void Oidc::TearDownTestSuite() {
    provider.reset();
}

Oidc::Oidc() : fetch{fetch_options(*provider)}, curfew{client(settings())} {}

OpenIdSettings Oidc::settings(std::string client_id) {
    OpenIdSettings settings;
    settings.provider.issuer = provider->issuer();
    settings.provider.client_id = std::move(client_id);
    settings.provider.client_secret = Secret{std::string{RunningProvider::client_secret}};
    settings.provider.scopes = {"openid", "profile", "email", "groups"};
    settings.redirect_uri = RunningProvider::redirect_uri;
    settings.root_certificate_file = provider->root_certificate();
    return settings;
}

OpenIdClient Oidc::client(OpenIdSettings wanted) {
    return OpenIdClient{std::move(wanted), Secret{std::string(32, 's')}, fetch, clock};
}

Result<Claims> Oidc::sign_in(OpenIdClient& at, std::string_view name) {
    const auto start = at.start_authorization("/");
    if (!start) return start.error();
    Browser browser{provider->root_certificate()};
    const std::string back = browser.sign_in(start->url, name);
    EXPECT_THAT(back, testing::StartsWith(std::string{RunningProvider::redirect_uri})) << browser.page();
    auto result = at.finish_authorization(start->cookie, answer_of(back));
    if (!result) return result.error();
    return std::move(result->claims);
}

}  // namespace curfew::test
