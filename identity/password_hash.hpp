// People's passwords as they are kept: hashed with scrypt (RFC 7914), with what it cost beside the hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace curfew::identity {

// scrypt's parameters. A guess costs `p` passes over 128 * N * r bytes of memory.
struct ScryptCost {
    unsigned log_n = 16;  // N = 2^16
    unsigned r = 8;
    unsigned p = 2;

    // What one hash needs while it is computed, in bytes.
    std::uint64_t memory() const noexcept;
    bool operator==(const ScryptCost&) const = default;
};

// What new passwords are hashed with. As much work as N=2^17, r=8, p=1 (what OWASP asks for, and counts as
// equal), in half the memory, 64 MiB: curfewd often lives on the database's own machine.
inline constexpr ScryptCost today{};

// Derives `length` bytes. Slow, on purpose. Throws std::runtime_error if OpenSSL refuses the parameters or
// the memory is not to be had.
std::string scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost,
                   std::size_t length);

class PasswordHash {
public:
    // Of a new password, with a salt of its own. Slow: not for a thread that serves others.
    static PasswordHash of(const Secret& password, const ScryptCost& cost = today);
    // One that no password has, in no time: to be compared with where there is no such user, so that this
    // takes as long as for one that there is.
    static PasswordHash of_nobody(const ScryptCost& cost = today);
    // `$scrypt$ln=16,r=8,p=2$SALT$HASH`, salt and hash in base64 without padding. nullopt for anything else,
    // and for parameters that need more than 256 MiB.
    static std::optional<PasswordHash> parse(std::string_view text);

    // What parse reads.
    Secret text() const;
    // Slow, and equally so whether or not it is the password.
    bool is_of(const Secret& password) const;
    const ScryptCost& cost() const noexcept { return cost_; }

private:
    PasswordHash(const ScryptCost& cost, std::string salt, std::string hash);

    ScryptCost cost_;
    std::string salt_;
    std::string hash_;
};

// What is wrong with a password that `user` wants to have, for a person to read; nullopt if it will do.
// Length alone counts, as NIST SP 800-63B advises, and that it is not the user's own name.
std::optional<std::string> wrong_new_password(std::string_view password, std::string_view user);

// A longer one is not looked at: hashing has to stay bounded.
inline constexpr std::size_t longest_password = 1024;
inline constexpr std::size_t shortest_password = 12;

}  // namespace curfew::identity
