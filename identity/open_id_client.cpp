#include "identity/open_id_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "identity/base64.hpp"
#include "identity/crypto.hpp"
#include "identity/json_members.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;

// How long a person may take at the provider.
constexpr std::chrono::seconds authorization_lifetime{600};
constexpr std::chrono::seconds longest_device_lifetime{3600};
constexpr std::chrono::seconds default_device_interval{5};  // RFC 8628, section 3.2
constexpr std::chrono::seconds slow_down_by{5};             // section 3.5
constexpr std::chrono::seconds longest_interval{60};
constexpr std::size_t most_polled = 10'000;
constexpr std::string_view device_grant = "urn:ietf:params:oauth:grant-type:device_code";

std::string random_text() {
    return encode_base64(random_bytes(32), Base64::url);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += text.empty() ? word : ' ' + word;
    return text;
}

std::int64_t seconds_of(WallInstant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

// An error of the provider's (RFC 6749, sections 4.1.2.1 and 5.2). `invalid_client` and its kind are for the
// administrator, who reads them in the log.
Error refused(std::string_view error, std::string_view description) {
    const std::string said = description.empty()
                                 ? printable(error)
                                 : fmt::format("{} ({})", printable(description), printable(error));
    if (error == "access_denied") return {ErrorCode::forbidden, "the sign-in was declined at the provider"};
    if (error == "temporarily_unavailable" || error == "server_error")
        return {ErrorCode::unavailable, "the sign-in provider is in trouble: " + said};
    return {ErrorCode::invalid, "the sign-in provider refuses: " + said};
}

// `//evil.example` is a path to us and another server to browsers, and some take a backslash for a slash.
bool is_local_path(std::string_view text) {
    const auto printable_only = [](char letter) { return letter > 0x20 && letter != 0x7f && letter != '\\'; };
    return text.starts_with('/') && !text.starts_with("//") &&
           std::all_of(text.begin(), text.end(), printable_only);
}

Error begin_again() {
    return {ErrorCode::invalid,
            "this sign-in was not begun here, or too long ago, or in another browser; begin again"};
}

}  // namespace

OpenIdClient::OpenIdClient(OpenIdSettings settings, const Secret& secret, http::Fetch& fetch,
                           const Clock& clock)
    : settings_{std::move(settings)},
      fetch_{fetch},
      clock_{clock},
      provider_{settings_.provider.issuer, fetch, clock},
      // Of another provider, after a change of configuration, what was begun here is not finished.
      authorization_box_{secret, "curfew OpenID authorization " + settings_.provider.issuer},
      device_box_{secret, "curfew OpenID device " + settings_.provider.issuer},
      polls_{Rate{1, longest_interval}, most_polled} {}

Result<AuthorizationStart> OpenIdClient::start_authorization(std::string return_to) {
    if (!is_local_path(return_to))
        return Error{ErrorCode::invalid, fmt::format("'{}' is no path on this server", printable(return_to))};
    const auto metadata = provider_.metadata();
    if (!metadata) return metadata.error();
    const std::string state = random_text();
    const std::string nonce = random_text();
    const std::string verifier = random_text();

    const http::Fields query{{"response_type", "code"},
                             {"client_id", settings_.provider.client_id},
                             {"redirect_uri", settings_.redirect_uri},
                             {"scope", joined(settings_.provider.scopes)},
                             {"state", state},
                             {"nonce", nonce},
                             {"code_challenge", encode_base64(digest_bytes(sha256(verifier)), Base64::url)},
                             {"code_challenge_method", "S256"}};
    const std::string& endpoint = (*metadata)->authorization_endpoint;
    const char separator = endpoint.find('?') == std::string::npos ? '?' : '&';

    const json::object carried{{"state", state},
                               {"nonce", nonce},
                               {"verifier", verifier},
                               {"return_to", return_to},
                               {"until", seconds_of(clock_.wall_now() + authorization_lifetime)}};
    return AuthorizationStart{endpoint + separator + http::encoded_fields(query),
                              authorization_box_.seal(json::serialize(carried)), authorization_lifetime};
}

Result<AuthorizationResult> OpenIdClient::finish_authorization(std::string_view cookie,
                                                               const AuthorizationAnswer& answer) {
    const auto carried = open_state(authorization_box_, cookie);
    if (!carried) return carried.error();
    // Before anything else: an answer to another browser's question means nothing to this one.
    if (!equal_constant_time(text_member(*carried, "state").value_or(""), answer.state)) return begin_again();
    const auto metadata = provider_.metadata();
    if (!metadata) return metadata.error();
    // RFC 9207: an answer of another provider (mix-up).
    if (answer.issuer ? *answer.issuer != settings_.provider.issuer : (*metadata)->names_itself_in_answers)
        return Error{ErrorCode::invalid, "the answer is not from the sign-in provider (iss); begin again"};
    if (answer.error) return refused(*answer.error, answer.error_description);
    if (answer.code.empty()) return begin_again();

    const auto tokens =
        ask_token_endpoint({{"grant_type", "authorization_code"},
                            {"code", answer.code},
                            {"redirect_uri", settings_.redirect_uri},
                            {"code_verifier", text_member(*carried, "verifier").value_or("")}});
    if (!tokens) return tokens.error();
    auto claims = believe(*tokens, text_member(*carried, "nonce").value_or(""));
    if (!claims) return claims.error();
    return AuthorizationResult{std::move(*claims), text_member(*carried, "return_to").value_or("/")};
}

Result<json::object> OpenIdClient::open_state(const SealedBox& box, std::string_view sealed) const {
    const auto text = box.open(sealed);
    auto carried = text ? parse_object(text->reveal()) : std::nullopt;  // to be read
    if (!carried || number_member(*carried, "until").value_or(0) <= seconds_of(clock_.wall_now()))
        return begin_again();
    return std::move(*carried);
}

bool OpenIdClient::has_device_flow() {
    const auto metadata = provider_.metadata();
    return metadata && (*metadata)->device_authorization_endpoint;
}

Result<DeviceStart> OpenIdClient::start_device() {
    const auto metadata = provider_.metadata();
    if (!metadata) return metadata.error();
    if (!(*metadata)->device_authorization_endpoint)
        return Error{ErrorCode::not_found,
                     "the sign-in provider has no device flow; sign in with a password or "
                     "on the page, and make a token there"};
    http::Request request;
    request.url = *(*metadata)->device_authorization_endpoint;
    request.form = http::Fields{{"scope", joined(settings_.provider.scopes)}};
    authenticate(request, **metadata);
    const auto response = fetch_.fetch(request);
    if (!response) return response.error();
    const auto answer = parse_object(response->body);
    if (response->status != 200 && answer && answer->contains("error"))
        return refused(text_member(*answer, "error").value_or(""),
                       text_member(*answer, "error_description").value_or(""));
    const auto code = answer ? text_member(*answer, "device_code") : std::nullopt;
    const auto user_code = answer ? text_member(*answer, "user_code") : std::nullopt;
    const auto uri = answer ? text_member(*answer, "verification_uri") : std::nullopt;
    if (response->status != 200 || !code || !user_code || !uri || !http::allowed_url(*uri))
        return Error{ErrorCode::unavailable,
                     fmt::format("the sign-in provider began no device flow (status {})", response->status)};

    DeviceStart start;
    start.expires_in = std::chrono::seconds{number_member(*answer, "expires_in").value_or(0)};
    start.expires_in = std::clamp(start.expires_in, std::chrono::seconds{1}, longest_device_lifetime);
    start.interval =
        std::chrono::seconds{number_member(*answer, "interval").value_or(default_device_interval.count())};
    start.interval = std::clamp(start.interval, std::chrono::seconds{1}, longest_interval);
    start.user_code = *user_code;
    start.verification_uri = *uri;
    start.verification_uri_complete = text_member(*answer, "verification_uri_complete");
    if (start.verification_uri_complete && !http::allowed_url(*start.verification_uri_complete))
        start.verification_uri_complete.reset();
    const json::object carried{{"device_code", *code},
                               {"interval", start.interval.count()},
                               {"until", seconds_of(clock_.wall_now() + start.expires_in)}};
    start.device_code = device_box_.seal(json::serialize(carried));
    return start;
}

// The provider counts how often it is asked, and slows down who asks too often; it never comes to that here.
bool OpenIdClient::may_poll(std::string_view device_code, std::chrono::seconds interval) {
    const BootInstant now = clock_.boot_now();
    const std::string key{digest_bytes(sha256(device_code))};
    const std::lock_guard lock{polls_mutex_};
    // A bucket takes longest_interval to fill. A second early is on time: networks take as long as they like.
    const Duration since_last = longest_interval - polls_.wait(key, now);
    if (since_last < interval - std::chrono::seconds{1}) return false;
    polls_.give_back(key, now);  // so that it is full, whenever it was asked last
    polls_.take(key, now);
    return true;
}

Result<DeviceAnswer> OpenIdClient::poll_device(std::string_view device_code) {
    const auto carried = open_state(device_box_, device_code);
    if (!carried)
        return Error{ErrorCode::invalid, "this sign-in was not begun here, or took too long; begin again"};
    const std::chrono::seconds interval{
        number_member(*carried, "interval").value_or(default_device_interval.count())};
    if (!may_poll(device_code, interval)) return DevicePending{interval};

    const auto tokens =
        ask_token_endpoint({{"grant_type", std::string{device_grant}},
                            {"device_code", text_member(*carried, "device_code").value_or("")}});
    if (!tokens) return tokens.error();
    const auto error = text_member(*tokens, "error");
    if (error == "authorization_pending") return DevicePending{interval};
    if (error == "slow_down") return DevicePending{interval + slow_down_by};
    auto claims = believe(*tokens, std::nullopt);
    if (!claims) return claims.error();
    return std::move(*claims);
}

}  // namespace curfew::identity
