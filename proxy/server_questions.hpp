// What is asked of a PostgreSQL as a whole, and how the answers read. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "policy/diagnosis.hpp"
#include "policy/hba.hpp"
#include "policy/ungoverned_backends.hpp"

namespace curfew::proxy {

// A statement, and its parameters.
struct ServerQuestion {
    std::string sql;
    std::vector<std::string> parameters;
};
// As BackendAdmin::look gives them: by row and column, NULL as an empty text.
using ServerRow = std::vector<std::string>;
using ServerRows = std::vector<ServerRow>;

// The backends that work as these roles, but for the asker's own. A row without a pid: there are some that
// the asker may not look at.
ServerQuestion backends_question(const policy::GovernedRoles& roles);
policy::SeenBackend read_backend(const ServerRow& row);

// One row: the asker.
ServerQuestion asker_question();
void read_asker(const ServerRow& row, policy::ServerFacts& facts);
// The settings that are of interest: name and value.
ServerQuestion settings_question();
// Those of these roles that exist.
ServerQuestion roles_question(const policy::GovernedRoles& roles);
policy::RoleFacts read_role(const ServerRow& row);
// The lines of pg_hba.conf, in their order.
ServerQuestion hba_question();
policy::HbaRule read_hba_rule(const ServerRow& row);
// The addresses from which the asker's role is connected as a node of Curfew's; empty: by the Unix socket.
ServerQuestion nodes_question();
// Prepared transactions of these roles, and slots that nobody uses: names.
ServerQuestion prepared_question(const policy::GovernedRoles& roles);
ServerQuestion inactive_slots_question();

// What the asker may do about ephemeral roles: one row, whether it makes roles; and a row for each of these
// names: the name, whether there is such a role, whether it has that role's rights and can become it, and
// whether it can make others members of it. `server_version` as server_version_num.
ServerQuestion making_question();
ServerQuestion giving_question(const std::vector<std::string>& names, int server_version);
policy::RoleMaking read_role_making(const ServerRows& making, const ServerRows& giving,
                                    const config::EphemeralRoles& wanted);

// What a session of this role in this database prepared since `started`: identifier, and `t` where nobody
// else can have: no backend that was there by then works there as that role now.
ServerQuestion left_prepared_question(const std::string& role, const std::string& database,
                                      const std::string& started);

}  // namespace curfew::proxy
