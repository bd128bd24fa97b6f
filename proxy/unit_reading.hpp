// What becomes of a unit of a session by command, and how it is shown to those who decide about it. Pure.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/command.hpp"
#include "protocol/postgres/held_unit.hpp"
#include "proxy/client_settings.hpp"
#include "sql/allowed_statements.hpp"

namespace curfew::proxy {

struct UnitReading {
    // It runs without asking.
    struct Free {};
    // Somebody is to approve it.
    struct Ask {
        std::string why;  // what about it needs that, for people: a sentence's end
    };
    // Nobody can be asked: they could not be shown what would run.
    struct Unshowable {
        std::string_view sqlstate;
        std::string why;   // a message for the client
        std::string hint;  // may be empty
    };

    std::variant<Free, Ask, Unshowable> way;
    // If it runs, prepared statements may be others afterwards.
    bool changes_prepared = false;
    std::vector<sql::Statement> statements;  // as far as they were understood
    bool understood = true;                  // all of it
};

// `allowed`: one list of each rule that applies; each must allow every statement.
UnitReading read_unit(const postgres::HeldUnit& unit, const std::vector<sql::AllowedStatements>& allowed,
                      const ClientSettings& settings);

// The same as people are shown it: texts as they are, and of the values in binary form as text those of which
// there is only one reading. Of what is left, and of what is not UTF-8, hexadecimal digits.
policy::Command command_of(postgres::HeldUnit unit, const ClientSettings& settings, std::string database,
                           SessionId session, std::string why_asked);

policy::CommandResult result_of(postgres::UnitOutcome outcome, WallInstant ended_at);

}  // namespace curfew::proxy
