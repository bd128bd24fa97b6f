// A grant that named approvers sign when no store answers: the document, and what of it is signed. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew::policy {

// A document, or its token, in bytes.
inline constexpr std::size_t longest_offline_document = 16 * 1024;
inline constexpr std::size_t most_offline_signatures = 16;
// An identifier in characters: 128 random bits in hex.
inline constexpr std::size_t offline_id_length = 32;
inline constexpr std::size_t longest_offline_name = 63;
inline constexpr std::size_t longest_node_name = 255;
inline constexpr std::size_t longest_offline_reason = 500;
// Between not_before and not_after. What is signed and lies about is a key to the door.
inline constexpr Duration longest_acceptance = std::chrono::hours{24};
// Whatever a document or a configuration says.
inline constexpr Duration longest_offline_grant = std::chrono::hours{1};

// What the approvers put their names to. Good once, at one node of one installation.
struct OfflineGrant {
    std::string id;            // 32 characters 0-9 a-f, random: no two documents have the same
    std::string installation;  // offline_grants.installation there
    std::string node;          // its name, as `curfew status` shows it
    std::string user;
    std::string resource;
    Duration duration{};  // from the moment that the node accepts it; whole seconds
    std::string reason;
    WallInstant not_before;  // may be accepted from then on, and
    WallInstant not_after;   // before then, by the node's wall clock; whole seconds

    bool operator==(const OfflineGrant&) const = default;
};

// Bytes, as they are.
struct OfflineSignature {
    std::string key;  // the signer's public key, 32 bytes
    std::string signature;

    bool operator==(const OfflineSignature&) const = default;
};

struct OfflineDocument {
    OfflineGrant grant;
    std::vector<OfflineSignature> signatures;

    bool operator==(const OfflineDocument&) const = default;
};

// The one sequence of bytes that stands for this grant and for no other: a line that says what it is for,
// then each field as `name length bytes`, in a fixed order. docs/offline-grants.md has it in full.
std::string signed_bytes(const OfflineGrant& grant);

// The first thing that no grant can be, whoever signs it; invalid: it says what, and what would do.
Result<void> check_form(const OfflineGrant& grant);

// The document as a file, indented and with a newline at its end, and as one word that can be pasted.
std::string to_json(const OfflineDocument& document);
std::string to_token(const OfflineDocument& document);

// Reads what these write, blanks around it aside. Takes nothing that is longer than
// longest_offline_document, has a member that is not known, or is not in good form.
Result<OfflineDocument> parse_offline_document(std::string_view text);

// One document with the signatures of both, each once. invalid: they are not of the same grant, or there are
// too many.
Result<OfflineDocument> with_signatures_of(OfflineDocument document, const OfflineDocument& other);

// What is signed in words, a fact a line, for who is about to sign.
std::vector<std::string> described(const OfflineGrant& grant);

}  // namespace curfew::policy
