// Approvers with keys, and what they sign.
#pragma once

#include <chrono>
#include <string>

#include "base/ed25519.hpp"
#include "policy/offline_judgement.hpp"

namespace curfew::policy::test {

inline const WallInstant ten_o_clock{std::chrono::sys_days{std::chrono::year{2026} / 11 / 25} +
                                     std::chrono::hours{10}};

inline OfflineGrant grant_for_alice() {
    OfflineGrant grant;
    grant.id = "00112233445566778899aabbccddeeff";
    grant.installation = "prod-eu";
    grant.node = "db-a";
    grant.user = "alice";
    grant.resource = "prod";
    grant.duration = std::chrono::minutes{20};
    grant.reason = "the store is away and orders are stuck";
    grant.not_before = ten_o_clock;
    grant.not_after = ten_o_clock + std::chrono::hours{2};
    return grant;
}

inline OfflineSignature signature_by(const Ed25519Key& key, const OfflineGrant& grant) {
    return {key.public_key(), key.sign(signed_bytes(grant))};
}

// Bob, carol and dave may sign, two of them have to; for the installation prod-eu, at its node db-a.
struct Approvers {
    Ed25519Key bob = Ed25519Key::generate();
    Ed25519Key carol = Ed25519Key::generate();
    Ed25519Key dave = Ed25519Key::generate();

    OfflineTerms terms() const {
        OfflineTerms terms;
        terms.installation = "prod-eu";
        terms.approvers = {
            {"bob", bob.public_key()}, {"carol", carol.public_key()}, {"dave", dave.public_key()}};
        return terms;
    }
    OfflineDocument signed_by_bob_and_carol(const OfflineGrant& grant = grant_for_alice()) const {
        return {grant, {signature_by(bob, grant), signature_by(carol, grant)}};
    }
};

}  // namespace curfew::policy::test
