#include "pq/environment.hpp"

#include <libpq-fe.h>
#include <stdlib.h>

#include <memory>
#include <string_view>

namespace curfew::pq {
namespace {

// What libpq reads from the environment beside the options that PQconndefaults lists.
constexpr const char* unlisted_variables[] = {"PGSERVICE",   "PGSERVICEFILE", "PGSYSCONFDIR", "PGREQUIRESSL",
                                              "PGDATESTYLE", "PGTZ",          "PGGEQO",       "PGLOCALEDIR"};

bool is_for_a_password(std::string_view variable) {
    return variable == "PGPASSWORD" || variable == "PGPASSFILE";
}

}  // namespace

void ignore_environment_of_libpq() {
    // First the service: it would be looked for while the options are listed.
    for (const char* variable : unlisted_variables)
        ::unsetenv(variable);  // NOLINT(concurrency-mt-unsafe): there is no other thread
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options{PQconndefaults(),
                                                                                 PQconninfoFree};
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option) {
        if (option->envvar != nullptr && !is_for_a_password(option->envvar))
            ::unsetenv(option->envvar);  // NOLINT(concurrency-mt-unsafe): as above
    }
}

}  // namespace curfew::pq
