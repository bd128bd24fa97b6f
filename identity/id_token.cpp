#include "identity/id_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "identity/base64.hpp"
#include "identity/json_members.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_token = 65'536;
constexpr std::size_t longest_subject = 255;  // OpenID Connect Core 1.0, section 2

Error wrong(std::string message) {
    return {ErrorCode::invalid, "the provider's ID token is refused: " + std::move(message)};
}

// Header, payload and signature; nullopt unless there are exactly these three.
std::optional<std::array<std::string_view, 3>> segments(std::string_view text) {
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
        return std::nullopt;
    return std::array{text.substr(0, first), text.substr(first + 1, second - first - 1),
                      text.substr(second + 1)};
}

// A token of another sort (`at+jwt`, `logout+jwt`), signed by the same key, is no ID token.
bool is_of_another_type(const json::object& header) {
    if (!header.contains("typ")) return false;
    auto type = text_member(header, "typ").value_or("another");
    std::transform(type.begin(), type.end(), type.begin(), [](unsigned char letter) {
        return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    });
    return type != "jwt" && type != "application/jwt";
}

Result<void> check_audience(const json::object& claims, const IdTokenTerms& terms) {
    const auto audience = texts_member(claims, "aud");
    if (!audience || std::find(audience->begin(), audience->end(), terms.client_id) == audience->end())
        return wrong(fmt::format("it is not for the client '{}' (aud)", printable(terms.client_id)));
    const auto authorized = text_member(claims, "azp");
    if (claims.contains("azp") ? authorized != terms.client_id : audience->size() > 1)
        return wrong(
            fmt::format("it was given to another client than '{}' (azp)", printable(terms.client_id)));
    return {};
}

Result<void> check_times(const json::object& claims, WallInstant now) {
    const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const std::int64_t skew = clock_skew.count();
    const auto expires = number_member(claims, "exp");
    if (!expires || *expires <= seconds - skew)
        return wrong("it has expired (exp); are the clocks of this machine and of the provider right?");
    const auto issued = number_member(claims, "iat");
    if (!issued || *issued > seconds + skew)
        return wrong(
            "it is from the future (iat); are the clocks of this machine and of the provider right?");
    if (claims.contains("nbf") && number_member(claims, "nbf").value_or(INT64_MAX) > seconds + skew)
        return wrong("it is not valid yet (nbf); are the clocks of this machine and of the provider right?");
    return {};
}

}  // namespace

Result<SignedToken> SignedToken::parse(std::string_view text) {
    const auto parts = text.size() <= longest_token ? segments(text) : std::nullopt;
    if (!parts) return wrong("it is no signed token (JWS)");
    const auto header_text = decode_base64((*parts)[0], Base64::url);
    auto payload = decode_base64((*parts)[1], Base64::url);
    auto signature = decode_base64((*parts)[2], Base64::url);
    const auto header = header_text ? parse_object(*header_text) : std::nullopt;
    if (!header || !payload || !signature) return wrong("it is no signed token (JWS)");

    const auto name = text_member(*header, "alg").value_or("");
    const auto algorithm = parse_signature_algorithm(name);
    if (!algorithm)
        return wrong(fmt::format("it is signed with '{}'; have the provider use RS256, PS256, ES256 or EdDSA",
                                 printable(name, 32)));
    if (header->contains("crit")) return wrong("it has extensions that are not known here (crit)");
    if (is_of_another_type(*header)) return wrong("it is a token of another type (typ)");

    SignedToken token;
    token.algorithm_ = *algorithm;
    token.key_id_ = text_member(*header, "kid").value_or("");
    token.signed_text_ = text.substr(0, text.rfind('.'));
    token.payload_ = std::move(*payload);
    token.signature_ = std::move(*signature);
    return token;
}

Result<json::object> SignedToken::verify(const VerificationKey& key) const {
    if (!key.verifies(algorithm_, signed_text_, signature_))
        return wrong("its signature is not the provider's");
    auto claims = parse_object(payload_);
    if (!claims) return wrong("what it says is no JSON object");
    return std::move(*claims);
}

Result<void> check_claims(const json::object& claims, const IdTokenTerms& terms) {
    const auto issuer = text_member(claims, "iss");
    if (issuer != terms.issuer)
        return wrong(fmt::format("it is from '{}', not from '{}' (iss)", printable(issuer.value_or("")),
                                 printable(terms.issuer)));
    if (auto audience = check_audience(claims, terms); !audience) return audience;
    if (auto times = check_times(claims, terms.now); !times) return times;
    if (terms.nonce && !equal_constant_time(text_member(claims, "nonce").value_or(""), *terms.nonce))
        return wrong("it belongs to another sign-in (nonce); begin again");
    const auto subject = text_member(claims, "sub");
    if (!subject || subject->empty() || subject->size() > longest_subject)
        return wrong("it does not say whom it is about (sub)");
    return {};
}

}  // namespace curfew::identity
