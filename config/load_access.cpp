// Asking for access, and the way to do it: requests, api, sign_in, live.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "config/address.hpp"
#include "config/files.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

using namespace std::chrono_literals;

constexpr Duration shortest_review = 1s;
constexpr Duration longest_review = 30 * 24h;
constexpr const char* review_timeout_variable = "REVIEW_TIMEOUT_SEC";
constexpr std::size_t longest_url = 1000;

// What the environment says instead of the file, if it does; reports what is no number of seconds.
std::optional<Duration> review_timeout_override(Context& context) {
    const auto text = context.environment.variable(review_timeout_variable);
    if (!text) return std::nullopt;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    const bool is_number = error == std::errc{} && end == text->data() + text->size();
    const std::chrono::seconds longest = std::chrono::duration_cast<std::chrono::seconds>(longest_review);
    if (is_number && seconds >= 1 && seconds <= longest.count()) return std::chrono::seconds{seconds};
    context.report.add("requests.review_timeout",
                       fmt::format("the environment variable {} overrides it: expected a number of seconds "
                                   "from 1 to {}, found '{}'",
                                   review_timeout_variable, longest.count(), printable(*text, 40)));
    return std::nullopt;
}

void read_requests(const Section& top, Config& config) {
    Context& context = top.context();
    if (const auto value = top.find("requests")) {
        const Section section{*value, known::requests};
        if (const auto timeout = section.find("review_timeout")) {
            config.requests.review_timeout =
                timeout->duration(shortest_review, longest_review).value_or(config.requests.review_timeout);
        }
    }
    const auto forced = review_timeout_override(context);
    if (!forced) return;
    config.remarks.push_back(context.report.at(
        "requests.review_timeout",
        fmt::format("is {}: the environment variable {} overrides {}", format_duration(*forced),
                    review_timeout_variable, format_duration(config.requests.review_timeout))));
    config.requests.review_timeout = *forced;
}

ServerTls read_tls(const Value& value) {
    const Section section{value, known::api_tls};
    ServerTls tls;
    tls.mode = ClientTls::require;
    auto pair = read_certificate_pair(section);
    if (section.readable() && !section.find("certificate") && !section.find("key")) {
        value.problem("the keys 'certificate' and 'key' are missing; TLS needs them");
    }
    tls.certificate_file = pair.certificate_file.value_or("");
    tls.key_file = pair.key_file.value_or("");
    tls.client_ca_file = read_authorities(section, "client_ca");
    return tls;
}

void read_public_url(const Value& value, Api& api) {
    auto text = value.text(longest_url, "an address such as https://curfew.example.com");
    if (!text) return;
    if (text->ends_with('/')) text->pop_back();
    if (auto wrong = wrong_url(*text, UrlPath::refused)) {
        value.problem(std::move(*wrong));
        return;
    }
    api.public_url = std::move(*text);
}

void read_api(const Section& top, Config& config) {
    const auto value = top.find("api");
    if (!value) return;
    const Section section{*value, known::api};
    Api api;
    const auto address = section.find("address");
    if (address) api.address = read_address(*address, UnixSockets::allowed).value_or(Endpoint{});
    const auto tls = section.find("tls");
    if (tls) api.tls = read_tls(*tls);
    if (const auto url = section.find("public_url")) read_public_url(*url, api);

    if (tls && api.address.is_unix()) {
        tls->problem("nobody uses TLS on a Unix socket; remove this section");
    }
    if (address && !tls && !api.address.host.empty() && !api.address.is_unix() && !is_loopback(api.address)) {
        address->problem(
            fmt::format("{} can be reached from other machines, and without TLS passwords would cross the "
                        "network in the clear; add 'tls', or listen on 127.0.0.1 or a Unix socket",
                        to_string(api.address)));
    }
    if (is_wildcard(api.address) && !section.find("public_url")) {
        value->problem(fmt::format("the key 'public_url' is missing: {} is no address that people could open",
                                   to_string(api.address)));
    }
    config.api = std::move(api);
}

void read_scopes(const Section& section, OidcProvider& oidc) {
    const auto value = section.find("scopes");
    if (!value) return;
    const auto scopes = read_names(*value);
    if (!scopes) return;
    oidc.scopes = *scopes;
    bool has_openid = false;
    for (const auto& scope : *scopes) {
        has_openid = has_openid || scope == "openid";
        if (scope.find_first_of(" \"\\") == std::string::npos) continue;
        value->problem(fmt::format("'{}' is not one scope; list each of them", printable(scope)));
    }
    if (!has_openid) value->problem("the scope 'openid' is missing; without it this is not OpenID Connect");
}

OidcProvider read_oidc(const Value& value) {
    const Section section{value, known::oidc};
    OidcProvider oidc;
    if (const auto issuer = section.require("issuer")) {
        if (const auto text = issuer->text(longest_url, "the provider's address (https://id.example.com)")) {
            if (auto wrong = wrong_url(*text, UrlPath::allowed)) issuer->problem(std::move(*wrong));
            oidc.issuer = *text;
        }
    }
    if (const auto id = section.require("client_id")) oidc.client_id = id->text(255).value_or("");
    read_secret(section, "client_secret", oidc.client_secret, oidc.client_secret_reference);
    oidc.root_certificate_file = read_authorities(section, "root_certificate");
    if (const auto claim = section.find("user_claim")) {
        oidc.user_claim = claim->text(100, "a claim's name").value_or(oidc.user_claim);
    }
    if (const auto claim = section.find("groups_claim")) {
        const bool is_empty = claim->node().kind == DocumentNode::Kind::text && claim->node().text.empty();
        oidc.groups_claim = is_empty ? "" : claim->text(100, "a claim's name").value_or(oidc.groups_claim);
    }
    if (const auto administrators = section.find("administrators_from_claims")) {
        oidc.administrators_from_claims = administrators->flag().value_or(false);
        if (oidc.administrators_from_claims && oidc.groups_claim.empty())
            administrators->problem("needs 'groups_claim', the claim that administrators are taken from");
    }
    read_scopes(section, oidc);
    return oidc;
}

void read_sign_in(const Section& top, Config& config) {
    const auto value = top.find("sign_in");
    if (!value) return;
    const Section section{*value, known::sign_in};
    const auto passwords = section.find("passwords");
    if (passwords) config.sign_in.passwords = passwords->flag().value_or(true);
    if (const auto session = section.find("session")) {
        config.sign_in.session = session->duration(1min, 30 * 24h).value_or(config.sign_in.session);
    }
    const auto oidc = section.find("oidc");
    if (oidc) config.sign_in.oidc = read_oidc(*oidc);
    if (passwords && !config.sign_in.passwords && !oidc) {
        passwords->problem("nobody could sign in: without passwords, 'oidc' is needed");
    }
    if (oidc && config.api && config.api->public_url.empty() && config.api->address.is_unix()) {
        oidc->problem("needs 'api.public_url', the address that the provider sends people back to");
    }
}

void read_live(const Section& top, Config& config) {
    const auto value = top.find("live");
    if (!value) return;
    const Section section{*value, known::live};
    const auto files = section.find("files");
    if (!files) return;
    auto path = read_path(*files);
    if (!path) return;
    while (path->size() > 1 && path->ends_with('/'))
        path->pop_back();
    if (*path == "/") {
        files->problem("expected a directory of its own, found the root of all files");
        return;
    }
    config.live.files = std::move(path);
}

}  // namespace

void read_access(const Section& top, Config& config) {
    read_requests(top, config);
    read_api(top, config);
    read_sign_in(top, config);
    read_live(top, config);
}

}  // namespace curfew::config
