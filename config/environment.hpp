// What a configuration may refer to outside its own file.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace curfew::config {

struct File {
    Secret content;  // it may be a key: treated as one
    mode_t mode = 0;
};

// Files and environment variables, injected so that loading is tested without either.
class Environment {
public:
    virtual ~Environment() = default;

    // A regular file of at most `limit` bytes. The error's message says why not, without naming the file
    // (`it does not exist`).
    virtual Result<File> read_file(const std::string& path, std::size_t limit) const = 0;
    virtual std::optional<std::string> variable(const std::string& name) const = 0;
};

// This process's own. Never blocks on a FIFO or a device.
class SystemEnvironment final : public Environment {
public:
    Result<File> read_file(const std::string& path, std::size_t limit) const override;
    std::optional<std::string> variable(const std::string& name) const override;
};

}  // namespace curfew::config
