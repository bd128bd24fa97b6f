// What people are told by their database client: at admission, before the end, at the end, and when refused.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "policy/admission.hpp"
#include "policy/end_cause.hpp"
#include "policy/grant.hpp"
#include "proxy/refusal.hpp"

namespace curfew::proxy {

// The NOTICE at the beginning: until when, under which grant.
std::string banner(const policy::Grant& grant, Duration remaining);

// The NOTICE some time before the end.
std::string warning(const policy::Grant& grant, Duration remaining);

// The NOTICE with which a session begins to wind down, and the one where an extension has ended that.
std::string winding_down(const policy::Grant& grant, Duration remaining);
std::string wound_up(const policy::Grant& grant, Duration remaining);

// The ERROR for what would begin a transaction while its session winds down: SQLSTATE 42501
// (insufficient_privilege), which no driver or pool takes for the end of the connection, for the sign of a
// standby, or for something that is worth trying again.
std::string no_new_transaction(const policy::Grant& grant, std::string_view how_to_ask);

// How the backend of a session that ends is got rid of: what may be said of a statement that runs differs.
enum class EndsBy {
    terminate,  // pg_terminate_backend; or nothing runs
    cancel,     // a CancelRequest, which the statement may refuse
};

// The FATAL at the end: SQLSTATE 57P01 (admin_shutdown), which clients and connection pools take for the end
// of a connection and not of the server.
std::string last_words(policy::EndCause cause, const policy::Grant& grant, EndsBy ends_by,
                       std::string_view how_to_ask);

// The FATAL for who was not admitted yet when everybody had to go: SQLSTATE 57P03 (cannot_connect_now), with
// which libpq tries the next host of its list.
std::string turned_away(policy::EndCause cause);

// The FATAL for whoever comes while the store is away: SQLSTATE 57P03 too.
Refusal store_is_away();

// The FATAL for whoever is to be recorded while recordings cannot be written: SQLSTATE 57P03.
Refusal recording_is_away();

// The FATAL for whom nothing covers: SQLSTATE 28000, the resource's name and how to ask.
Refusal not_admitted(policy::Refusal refusal, const policy::Attempt& attempt, std::string_view how_to_ask);

}  // namespace curfew::proxy
