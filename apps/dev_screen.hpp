// What `curfewd dev` shows once it is up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"
#include "config/config.hpp"
#include "store/store.hpp"

namespace curfew::apps {

struct DevScreen {
    config::Endpoint upstream;
    config::Endpoint listen;   // as it really is
    config::Endpoint metrics;  // as it really is
    std::string admin_socket;
    std::string curfew;  // how to call the curfew command from here
    std::vector<store::GrantCountdown> grants;
    std::string user;                       // for the example where no grant names somebody
    std::optional<std::string> admin_user;  // nullopt: backends can only be cancelled
};

// The screen, for `terminal`; ends in a newline.
std::string render(const DevScreen& screen, const cli::Terminal& terminal);

// `psql "host=127.0.0.1 port=6432 dbname=postgres user=alice"`, quoted as libpq and a shell need it.
std::string psql_command(const config::Endpoint& listen, std::string_view user);

}  // namespace curfew::apps
