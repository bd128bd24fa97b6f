#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

#include "base/text.hpp"
#include "config/files.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

constexpr std::size_t largest_secret = std::size_t{64} * 1024;
constexpr std::string_view anywhere = "{ file: PATH }, { env: NAME } or { credential: NAME }";
constexpr std::string_view live = "{ file: PATH }, with a path in the directory 'live.files'";

std::string expected_reference(const Value& value) {
    return value.context().live ? fmt::format("expected {}", live)
                                : fmt::format("expected exactly one of {}", anywhere);
}

// A file made by an editor or `echo` ends in a newline that is not part of the secret.
Secret without_final_newline(const Secret& content) {
    auto text = content.reveal();
    if (text.ends_with('\n')) text.remove_suffix(1);
    return Secret{std::string{text}};
}

std::optional<Secret> from_file(const Value& value, const std::string& path) {
    const auto file = read_private_file(value, path, largest_secret);
    if (!file) return std::nullopt;
    return without_final_newline(*file);
}

std::optional<Secret> from_environment(const Value& value) {
    const auto name = value.text(4096, "the name of an environment variable");
    if (!name) return std::nullopt;
    auto text = value.context().environment.variable(*name);
    if (!text) {
        value.problem(fmt::format("the environment variable {} is not set", printable(*name)));
        return std::nullopt;
    }
    return Secret{std::move(*text)};
}

std::optional<Secret> from_credential(const Value& value) {
    const auto name = value.text(255, "the name of a systemd credential");
    if (!name) return std::nullopt;
    if (name->find('/') != std::string::npos || *name == "." || *name == "..") {
        value.expected("the name of a systemd credential, which is no path");
        return std::nullopt;
    }
    const auto directory = value.context().environment.variable("CREDENTIALS_DIRECTORY");
    if (!directory || directory->empty()) {
        value.problem(
            "there are no systemd credentials here (CREDENTIALS_DIRECTORY is not set); "
            "give the service LoadCredential= or use { file: PATH }");
        return std::nullopt;
    }
    return from_file(value, *directory + "/" + *name);
}

std::optional<ReferredSecret> read_reference(const Value& value, const DocumentNode::Entry& entry) {
    using Kind = SecretReference::Kind;
    const Value reference{value.context(), entry.value, value.key() + "." + entry.key, entry.place};
    const bool is_live = value.context().live.has_value();
    std::optional<Secret> secret;
    SecretReference written;
    if (entry.key == "file") {
        const auto path = read_path(reference);
        if (!path) return std::nullopt;
        secret = from_file(reference, *path);
        written = {Kind::file, *path};
    } else if (entry.key == "env" && !is_live) {
        secret = from_environment(reference);
        written = {Kind::env, entry.value.text};
    } else if (entry.key == "credential" && !is_live) {
        secret = from_credential(reference);
        written = {Kind::credential, entry.value.text};
    } else {
        value.problem(expected_reference(value));
    }
    if (!secret) return std::nullopt;
    if (secret->empty()) {
        reference.problem("the secret is empty");
        return std::nullopt;
    }
    if (secret->reveal().find('\0') != std::string_view::npos) {
        reference.problem("the secret holds a NUL byte, which PostgreSQL's protocol cannot carry");
        return std::nullopt;
    }
    return ReferredSecret{std::move(*secret), std::move(written)};
}

}  // namespace

std::optional<ReferredSecret> read_secret(const Value& value) {
    // Nothing that stands here is ever quoted back, keys included: it may be the secret itself.
    const DocumentNode& node = value.node();
    if (node.kind == DocumentNode::Kind::text) {
        value.problem(fmt::format(
            "a secret must not stand {}; put it into a file of its own and refer to it by {}",
            value.context().live ? "here" : "in this file", value.context().live ? live : anywhere));
        return std::nullopt;
    }
    if (node.kind != DocumentNode::Kind::map || node.entries.size() != 1) {
        value.problem(expected_reference(value));
        return std::nullopt;
    }
    return read_reference(value, node.entries.front());
}

void read_secret(const Section& section, std::string_view key, std::optional<Secret>& secret,
                 std::optional<SecretReference>& reference) {
    const auto value = section.find(key);
    if (!value) return;
    auto referred = read_secret(*value);
    if (!referred) return;
    secret = std::move(referred->secret);
    reference = std::move(referred->reference);
}

void require_secret(const Section& section, std::string_view key, Secret& secret,
                    SecretReference& reference) {
    const auto value = section.require(key);
    if (!value) return;
    auto referred = read_secret(*value);
    if (!referred) return;
    secret = std::move(referred->secret);
    reference = std::move(referred->reference);
}

}  // namespace curfew::config
