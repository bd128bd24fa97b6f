// Everything that people sign in with, put together and kept in step with the configuration.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "identity/authentication.hpp"
#include "identity/password_links.hpp"
#include "identity/people_in_force.hpp"
#include "identity/sign_in_desk.hpp"
#include "notify/slack/account_holders.hpp"
#include "store/store.hpp"
#include "workflow/registry.hpp"

namespace curfew::apps {

// Constructed, changed and destroyed on the control thread; what it gives may be used on any. `store`,
// `clock` and `registry` outlive it.
class SignInService {
public:
    SignInService(boost::asio::any_io_executor control, const Clock& clock, store::Store& store,
                  workflow::Registry& registry);

    // Before anything else, once: with what curfewd starts under.
    identity::Awaitable<Result<void>> start(const config::Config& config);
    // People and provider are these from now on. Sign-ins that are under way end as they began.
    void use(const config::Config& config);

    // Where nobody could administer this server by signing in, writes the link to the log by which somebody
    // becomes able to. `address` is where people reach the API.
    identity::Awaitable<Result<void>> offer_first_administrator(std::string address);

    // Who somebody is whom a chat knows.
    notify::slack::KnownPeople known_people();
    identity::CurrentPeople people() const { return people_.current(); }
    identity::Authentication& authentication() noexcept { return authentication_; }
    identity::SignInDesk& desk() noexcept { return desk_; }
    identity::PasswordLinks& password_links() noexcept { return password_links_; }

private:
    void use_provider(const config::Config& config);
    identity::Awaitable<Result<identity::Principal>> principal_by_chat(std::string user);

    const Clock& clock_;
    store::Store& store_;
    identity::PeopleInForce people_;
    identity::PasswordChecker passwords_;
    identity::SignInLimiter limiter_;
    identity::Authentication authentication_;
    identity::SignInDesk desk_;
    identity::PasswordLinks password_links_;
    std::optional<Secret> installation_secret_;
};

// Where people reach the API: its public URL, or the address that it listens at. Empty: nowhere but by the
// admin socket.
std::string address_for_people(const config::Config& config);

}  // namespace curfew::apps
