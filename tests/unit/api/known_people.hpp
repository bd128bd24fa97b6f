// People whose tokens and cookies a test's server knows.
#pragma once

#include <string>
#include <vector>

#include "api/access.hpp"
#include "api/gate.hpp"
#include "running_servers.hpp"

namespace curfew::test {

// One kind of caller, and how they prove who they are.
struct KnownCaller {
    std::string name;  // for messages
    Headers headers;
    api::Principal principal;
};

// `alice` is a person in the group `dba`, `ann` an administrator; each by cookie, as a page of the server's
// own sends it, and by a token of each scope alone. `bob` and `carol`, who stand in the usual workplace as
// well, are persons by cookie alone, and `olga` is an auditor.
const std::vector<KnownCaller>& known_callers();

// The headers of that one: `alice by cookie`, `ann by token with admin`.
Headers headers_of(std::string_view name);

// Knows those above; a token `broken` cannot be looked up.
api::Authenticate known_people();

// Adds a listener on 127.0.0.1 that knows them, without TLS.
void serve_known_people(api::ApiServerOptions& options);

}  // namespace curfew::test
