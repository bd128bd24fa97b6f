// What a server keeps of a password: enough to check it, not enough to log in with.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/postgres/scram_crypto.hpp"

namespace curfew::postgres {

// PostgreSQL's default; what people's verifiers have unless somebody chose otherwise.
inline constexpr int default_scram_iterations = 4096;

// A SCRAM-SHA-256 verifier, as pg_authid.rolpassword holds it. The server key is a secret: whoever has it can
// pass for the server. Wiped when it goes.
struct ScramVerifier {
    int iterations = 0;
    std::string salt;  // as bytes
    Digest stored_key{};
    Digest server_key{};

    ~ScramVerifier();

    // Reads `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`: iterations from 1 up, the rest in
    // base64, the salt not empty, both keys of 32 bytes. nullopt for anything else, an `md5…` hash included.
    static std::optional<ScramVerifier> parse(std::string_view text);

    // Hashes a password; slow on purpose. `salt` as bytes, random, 16 of them as PostgreSQL does;
    // `iterations` is at least 1.
    static ScramVerifier make(std::string_view password, std::string_view salt,
                              int iterations = default_scram_iterations);

    bool operator==(const ScramVerifier&) const = default;
};

// Writes what parse reads.
std::string to_string(const ScramVerifier& verifier);

// True if `password` is the one that the verifier was made of. As slow as making a verifier.
bool matches(const ScramVerifier& verifier, std::string_view password);

// A verifier for a user that does not exist, so that nobody learns from the exchange which users do: run
// ScramServer with it and known_user = false, to its end; it goes like one with a wrong password and is
// rejected at the same point, after the same work. The salt depends on both arguments alone, since one that
// changed from try to try would give the user away; so `server_secret` must outlive a restart of the server.
// `iterations` and the salt's length (16) should be those that real users have.
ScramVerifier mock_verifier(std::string_view user, std::string_view server_secret,
                            int iterations = default_scram_iterations);

}  // namespace curfew::postgres
