#include "identity/password_hash.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "identity/base64.hpp"
#include "identity/crypto.hpp"

#include "base/text.hpp"

namespace curfew::identity {
namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;
constexpr std::uint64_t most_memory = std::uint64_t{256} * 1024 * 1024;

// Takes `NAME=number` off the beginning of `text`.
std::optional<unsigned> take_parameter(std::string_view& text, std::string_view name) {
    if (!text.starts_with(name)) return std::nullopt;
    text.remove_prefix(name.size());
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<ScryptCost> parse_cost(std::string_view text) {
    const auto log_n = take_parameter(text, "ln=");
    const auto r = take_parameter(text, ",r=");
    const auto p = take_parameter(text, ",p=");
    if (!log_n || !r || !p || !text.empty()) return std::nullopt;
    if (*log_n < 1 || *log_n > 24 || *r < 1 || *r > 64 || *p < 1 || *p > 16) return std::nullopt;
    const ScryptCost cost{*log_n, *r, *p};
    return cost.memory() <= most_memory ? std::optional{cost} : std::nullopt;
}

}  // namespace

std::uint64_t ScryptCost::memory() const noexcept {
    // V, B and the scratch space of RFC 7914, section 5 and 6.
    return std::uint64_t{128} * r * ((std::uint64_t{1} << log_n) + p + 2);
}

std::string scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost,
                   std::size_t length) {
    std::string key(length, '\0');
    // OpenSSL refuses what needs more than the limit that it is given.
    const std::uint64_t limit = cost.memory() + 4096;
    if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                       salt.size(), std::uint64_t{1} << cost.log_n, cost.r, cost.p, limit,
                       reinterpret_cast<unsigned char*>(key.data()), key.size()) != 1)
        throw std::runtime_error(
            "a password could not be hashed: OpenSSL's scrypt failed, probably for want of "
            "memory");
    return key;
}

PasswordHash::PasswordHash(const ScryptCost& cost, std::string salt, std::string hash)
    : cost_{cost}, salt_{std::move(salt)}, hash_{std::move(hash)} {}

PasswordHash PasswordHash::of(const Secret& password, const ScryptCost& cost) {
    std::string salt = random_bytes(salt_size);
    std::string hash = scrypt(password.reveal(), salt, cost, hash_size);  // to be hashed
    return {cost, std::move(salt), std::move(hash)};
}

PasswordHash PasswordHash::of_nobody(const ScryptCost& cost) {
    return {cost, random_bytes(salt_size), random_bytes(hash_size)};
}

std::optional<PasswordHash> PasswordHash::parse(std::string_view text) {
    constexpr std::string_view scheme = "$scrypt$";
    if (!text.starts_with(scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    const auto first = text.find('$');
    const auto second = first == std::string_view::npos ? first : text.find('$', first + 1);
    if (second == std::string_view::npos) return std::nullopt;

    const auto cost = parse_cost(text.substr(0, first));
    auto salt = decode_base64(text.substr(first + 1, second - first - 1), Base64::standard);
    auto hash = decode_base64(text.substr(second + 1), Base64::standard);
    if (!cost || !salt || !hash || salt->size() < 8 || salt->size() > 64 || hash->size() < 16 ||
        hash->size() > 64)
        return std::nullopt;
    return PasswordHash{*cost, std::move(*salt), std::move(*hash)};
}

Secret PasswordHash::text() const {
    return Secret{fmt::format("$scrypt$ln={},r={},p={}${}${}", cost_.log_n, cost_.r, cost_.p,
                              encode_base64(salt_, Base64::standard),
                              encode_base64(hash_, Base64::standard))};
}

bool PasswordHash::is_of(const Secret& password) const {
    const Secret hash{scrypt(password.reveal(), salt_, cost_, hash_.size())};  // to be hashed
    return equal_constant_time(hash.reveal(), hash_);                          // to be compared
}

std::optional<std::string> wrong_new_password(std::string_view password, std::string_view user) {
    // UTF-8's continuation bytes are no characters of their own.
    const auto characters = std::count_if(password.begin(), password.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
    });
    if (static_cast<std::size_t>(characters) < shortest_password)
        return fmt::format(
            "a password needs {} characters at least; a few words that do not belong together "
            "are easy to remember",
            shortest_password);
    if (password.size() > longest_password)
        return fmt::format("a password has {} bytes at most", longest_password);
    if (lower_case(password) == lower_case(user)) return "the name of the user is no password";
    return std::nullopt;
}

}  // namespace curfew::identity
