#include "protocol/postgres/grant_password.hpp"

#include <array>
#include <string>
#include <string_view>

#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::postgres {
namespace {

// 32 characters of 32: 160 bits.
constexpr std::size_t password_length = 32;
constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
static_assert(alphabet.size() == 32);

}  // namespace

GrantPassword make_grant_password() {
    std::array<unsigned char, password_length> random{};
    system_random(random);
    std::string password;
    for (const unsigned char byte : random)
        password += alphabet[byte % alphabet.size()];
    std::array<unsigned char, 16> salt{};
    system_random(salt);
    const auto verifier = ScramVerifier::make(password, std::string{salt.begin(), salt.end()});
    return {Secret{std::move(password)}, Secret{to_string(verifier)}};
}

}  // namespace curfew::postgres
