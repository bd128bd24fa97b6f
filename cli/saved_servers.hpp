// Where one is signed in, kept between two runs of the command.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "cli/exit_code.hpp"

namespace curfew::cli {

struct SavedServer {
    std::string url;
    std::string user;
    std::string ca_file;  // empty: the system's
    Secret token;
    std::optional<WallInstant> expires_at;
};

// The file `servers.json` in a directory of the person's own. Holds tokens: the file is readable by its owner
// alone (0600), the directory too (0700), and a file that others could read is not believed.
class SavedServers {
public:
    // $XDG_CONFIG_HOME/curfew, or ~/.config/curfew.
    static std::filesystem::path default_directory();

    // Empty where there is no file yet. forbidden: others may read it. failed: it cannot be read.
    static Outcome<SavedServers> load(const std::filesystem::path& directory);

    const std::vector<SavedServer>& all() const noexcept { return servers_; }
    const SavedServer* find(std::string_view url) const noexcept;
    // The one to talk to where nothing else is said; nullptr if there is none.
    const SavedServer* current() const noexcept { return find(current_); }

    // Keeps `server`, and makes it the current one. Another run's changes in the meantime are kept.
    static Outcome<void> keep(const std::filesystem::path& directory, SavedServer server);
    // Forgets it; the only one that is left, if so, becomes the current one.
    static Outcome<void> forget(const std::filesystem::path& directory, std::string_view url);

private:
    Outcome<void> save(const std::filesystem::path& directory) const;

    std::string current_;
    std::vector<SavedServer> servers_;
};

}  // namespace curfew::cli
