// What people are told by their database client in a session by command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "policy/grant.hpp"
#include "proxy/command_desk.hpp"
#include "proxy/refusal.hpp"
#include "sql/allowed_statements.hpp"

namespace curfew::proxy {

// The NOTICE at the beginning: that each statement is approved before it runs, and which run at once.
std::string command_banner(const policy::Grant& grant, const std::vector<sql::AllowedStatements>& allowed);

// The NOTICE while a command waits, and the one when it is approved.
std::string waiting_for_approval(const CommandDesk::Waiting& waiting, WallInstant now);
std::string approved(const RequestId& request, const std::vector<std::string>& by);

// The ERRORs in PostgreSQL's place. All leave the session as it was. SQLSTATE 42501, as where a session winds
// down, but for 57014 (query_canceled), 54000 (program_limit_exceeded) and what is given.
std::string not_approved(const RequestId& request, const CommandDesk::Answer& answer);
std::string cannot_be_asked(const Error& error);
std::string commands_no_more(const policy::Grant& grant);
std::string command_cancelled(const std::optional<RequestId>& request);
std::string too_long();
std::string unshowable(std::string_view sqlstate, std::string message, std::string hint);

// The FATALs for whom the desk does not let in (no rule lets them, or it cannot be asked now), and where
// there is none.
Refusal no_command_desk(std::string_view resource);
Refusal not_let_in_by_command(const Error& error, std::string_view user, std::string_view resource);

}  // namespace curfew::proxy
