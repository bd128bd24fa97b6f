// libpq's environment variables, which must not speak for the configuration.
#pragma once

namespace curfew::pq {

// Unsets the environment variables by which libpq would be told anything else (PGSSLMODE, PGSERVICE …). Those
// for passwords stay, as the configuration may name them, and are overruled by the parameters of a
// connection. Call it before there is a second thread.
void ignore_environment_of_libpq();

}  // namespace curfew::pq
