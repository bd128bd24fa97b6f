#include "fake_provider.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>

namespace curfew::identity {
namespace {

namespace json = boost::json;

http::Response ok(const json::object& body) {
    return {200, json::serialize(body)};
}

http::Response refusal(std::string_view error) {
    return {400, json::serialize(json::object{{"error", error}, {"error_description", "because"}})};
}

}  // namespace

FakeProvider::FakeProvider(const Clock& clock)
    : metadata{{"issuer", issuer},
               {"authorization_endpoint", "https://id.example/auth"},
               {"token_endpoint", "https://id.example/token"},
               {"jwks_uri", "https://id.example/jwks"},
               {"device_authorization_endpoint", "https://id.example/device"},
               {"userinfo_endpoint", "https://id.example/me"},
               {"code_challenge_methods_supported", json::array{"S256"}},
               {"authorization_response_iss_parameter_supported", true}},
      clock_{clock} {}

Result<http::Response> FakeProvider::fetch(const http::Request& request) {
    const std::string path = request.url.substr(std::string_view{issuer}.size());
    ++asked_[path];
    if (away) return Error{ErrorCode::unavailable, "the provider is away"};
    if (path == "/.well-known/openid-configuration") return ok(metadata);
    if (path == "/jwks") return http::Response{200, published_keys};
    if (path == "/token") return answer_token(request);
    if (path == "/me" && request.authorization->reveal() == "Bearer access") return ok(userinfo);
    if (path == "/device")
        return ok({{"device_code", "device"},
                   {"user_code", "WDJB-MJHT"},
                   {"verification_uri", "https://id.example/verify"},
                   {"expires_in", 600},
                   {"interval", 7}});
    return http::Response{404, "not here"};
}

http::Response FakeProvider::answer_token(const http::Request& request) {
    last_token_request = request;
    if (field(*request.form, "grant_type") == "authorization_code") {
        if (field(*request.form, "code") != "code") return refusal("invalid_grant");
    } else if (!device_error.empty()) {
        return refusal(device_error);
    }
    return ok({{"id_token", signer.sign(claims())}, {"access_token", "access"}, {"token_type", "Bearer"}});
}

json::object FakeProvider::claims() const {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.wall_now()).time_since_epoch().count();
    json::object claims{
        {"iss", issuer}, {"aud", "curfew"}, {"sub", "248289761001"}, {"iat", now}, {"exp", now + 300}};
    if (!nonce.empty()) claims["nonce"] = nonce;
    for (const auto& claim : more_claims)
        claims[claim.key()] = claim.value();
    return claims;
}

int FakeProvider::asked(std::string_view path) const {
    const auto found = asked_.find(path);
    return found == asked_.end() ? 0 : found->second;
}

std::string field(std::string_view encoded, std::string_view name) {
    std::size_t begin = encoded.find('?') == std::string_view::npos ? 0 : encoded.find('?') + 1;
    while (begin < encoded.size()) {
        const auto end = std::min(encoded.find('&', begin), encoded.size());
        const auto pair = encoded.substr(begin, end - begin);
        begin = end + 1;
        if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
        std::string value;
        for (std::size_t i = name.size() + 1; i < pair.size(); ++i) {
            if (pair[i] == '%') {
                value +=
                    static_cast<char>(std::strtol(std::string{pair.substr(i + 1, 2)}.c_str(), nullptr, 16));
                i += 2;
            } else {
                value += pair[i];
            }
        }
        return value;
    }
    return {};
}

std::string field(const http::Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields) {
        if (key == name) return value;
    }
    return {};
}

}  // namespace curfew::identity
