// What the API's operations ask: the control thread, people's sign-in, the store.
#pragma once

#include "audit/signing_key.hpp"
#include "base/clock.hpp"
#include "identity/password_links.hpp"
#include "identity/sign_in_desk.hpp"
#include "proxy/command_desk.hpp"
#include "proxy/control.hpp"
#include "store/store.hpp"
#include "workflow/desk.hpp"
#include "workflow/registry.hpp"

namespace curfew::api {

// The first three belong to the control thread and are awaited there; the others may be asked on any.
struct ApiParts {
    proxy::Control& control;
    workflow::Desk& desk;
    workflow::Registry& registry;
    identity::SignInDesk& sign_in;
    identity::PasswordLinks& password_links;
    store::Store& store;
    const Clock& clock;
    // What auditors' documents are signed with; nullptr: nothing is.
    const audit::SigningKey* signing_key = nullptr;
    // Who lets people in whose commands are approved one by one; nullptr: nobody does. Awaited on the control
    // thread.
    proxy::CommandDesk* commands = nullptr;
};

}  // namespace curfew::api
