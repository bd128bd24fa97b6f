// Where a secret is.
#pragma once

#include <string>
#include <string_view>

namespace curfew::config {

// What is written in a secret's place: where it is, never the secret itself.
struct SecretReference {
    enum class Kind { file, env, credential };

    Kind kind = Kind::file;
    std::string name;  // the file's absolute path, the variable, or the systemd credential

    bool operator==(const SecretReference&) const = default;
};
std::string_view to_string(SecretReference::Kind kind);  // `credential`

}  // namespace curfew::config
