#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <sstream>

#include "support/s3_server.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

std::string hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes)
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

std::string digest(const std::string& bytes) {
    std::array<unsigned char, 32> result{};
    EVP_Digest(bytes.data(), bytes.size(), result.data(), nullptr, EVP_sha256(), nullptr);
    return {result.begin(), result.end()};
}

std::string keyed(const std::string& key, const std::string& message) {
    std::array<unsigned char, 32> result{};
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), result.data(), nullptr);
    return {result.begin(), result.end()};
}

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, at);)
        parts.push_back(part);
    return parts;
}

std::string header(const S3Request& request, const std::string& name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string{} : found->second;
}

// `NAME=VALUE` of the Authorization header, up to the next comma.
std::string credential_part(const std::string& authorization, const std::string& name) {
    const auto begin = authorization.find(name + "=");
    if (begin == std::string::npos) return {};
    const auto from = begin + name.size() + 1;
    return authorization.substr(from, authorization.find(',', from) - from);
}

std::string canonical_query(const std::string& query) {
    auto fields = split(query, '&');
    for (std::string& field : fields) {
        if (field.find('=') == std::string::npos) field += '=';
    }
    std::sort(fields.begin(), fields.end());
    return fmt::format("{}", fmt::join(fields, "&"));
}

// "Task 1: Create a canonical request". S3 takes the path as it came, and does not encode it once more.
std::string canonical_request(const S3Request& request, const std::vector<std::string>& names,
                              const std::string& signed_names) {
    std::string text = request.method + "\n" + request.path + "\n" + canonical_query(request.query) + "\n";
    for (const std::string& name : names)
        text += name + ":" + header(request, name) + "\n";
    return text + "\n" + signed_names + "\n" + header(request, "x-amz-content-sha256");
}

bool is_off(const std::string& at, std::chrono::system_clock::time_point now) {
    std::tm fields{};
    if (::strptime(at.c_str(), "%Y%m%dT%H%M%SZ", &fields) == nullptr) return true;
    const auto stamp = std::chrono::system_clock::from_time_t(::timegm(&fields));
    return stamp < now - 15min || stamp > now + 15min;
}

}  // namespace

std::string wrong_signature(const S3Request& request, const S3Owner& owner, const std::string& host,
                            std::chrono::system_clock::time_point now) {
    const std::string authorization = header(request, "authorization");
    if (!authorization.starts_with("AWS4-HMAC-SHA256 ")) return "AccessDenied";
    const auto scope = split(credential_part(authorization, "Credential"), '/');
    const std::string at = header(request, "x-amz-date");
    const std::string signed_names = credential_part(authorization, "SignedHeaders");
    const auto names = split(signed_names, ';');
    if (scope.size() != 5 || scope[4] != "aws4_request" || scope[3] != "s3")
        return "AuthorizationHeaderMalformed";
    if (scope[0] != owner.access_key_id) return "InvalidAccessKeyId";
    if (scope[2] != owner.region) return "AuthorizationHeaderMalformed";
    if (is_off(at, now)) return "RequestTimeTooSkewed";
    if (!at.starts_with(scope[1])) return "SignatureDoesNotMatch";
    for (const auto& [name, value] : request.headers) {
        const bool must_be_signed = name == "host" || name.starts_with("x-amz-");
        if (must_be_signed && std::find(names.begin(), names.end(), name) == names.end())
            return "AccessDenied";
    }
    if (!std::is_sorted(names.begin(), names.end())) return "SignatureDoesNotMatch";
    if (header(request, "host") != host) return "SignatureDoesNotMatch";
    if (header(request, "x-amz-content-sha256") != hex(digest(request.body)))
        return "XAmzContentSHA256Mismatch";
    const std::string to_sign =
        fmt::format("AWS4-HMAC-SHA256\n{}\n{}/{}/{}/{}\n{}", at, scope[1], scope[2], scope[3], scope[4],
                    hex(digest(canonical_request(request, names, signed_names))));
    const std::string key =
        keyed(keyed(keyed(keyed("AWS4" + owner.secret_access_key, scope[1]), scope[2]), scope[3]), scope[4]);
    return hex(keyed(key, to_sign)) == credential_part(authorization, "Signature") ? ""
                                                                                   : "SignatureDoesNotMatch";
}

}  // namespace curfew::test
