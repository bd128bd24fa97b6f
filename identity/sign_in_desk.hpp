// Signing in, in every way that there is, and out.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "identity/password_checker.hpp"
#include "identity/people.hpp"
#include "identity/provider_sign_in.hpp"
#include "identity/sign_in.hpp"
#include "identity/sign_in_issuer.hpp"
#include "identity/sign_in_limiter.hpp"
#include "store/people.hpp"

namespace curfew::identity {

struct SignedInAtProvider {
    SignedIn signed_in;
    std::string return_to;
};
using DeviceSignInAnswer = std::variant<DevicePending, SignedIn>;

// Thread-safe; resumes on its caller's executor. What it uses must outlive it.
class SignInDesk {
public:
    struct Parts {
        store::PeopleStore& store;
        CurrentPeople people;
        PasswordChecker& passwords;
        SignInLimiter& limiter;
        KeepProviderSignIn keep_provider_sign_in = {};
    };
    explicit SignInDesk(Parts parts);

    // The provider from now on; nullptr: none. Sign-ins that are under way go on with the one that they have.
    void use_provider(std::shared_ptr<ProviderSignIn> provider);
    std::shared_ptr<ProviderSignIn> provider() const;

    // Whether there are passwords to sign in with at all.
    bool takes_passwords() const { return parts_.people()->sign_in().passwords; }

    // `name`: any of the user's. A wrong name and a wrong password are told apart neither by the answer nor
    // by the time that it takes.
    Awaitable<SignInResult<SignedIn>> with_password(std::string name, Secret password, SignInContext context);
    // Changes one's own password and signs out everywhere, here too; gives a new sign-in for here. Where the
    // user has no password there is none to change (forbidden): an administrator gives them a link.
    Awaitable<SignInResult<SignedIn>> change_password(std::string user, Secret current, Secret wanted,
                                                      SignInContext context);

    // As OpenIdClient. not_found: no provider is configured.
    Awaitable<SignInResult<AuthorizationStart>> start_at_provider(std::string return_to, std::string address);
    Awaitable<SignInResult<SignedInAtProvider>> finish_at_provider(std::string cookie,
                                                                   AuthorizationAnswer answer,
                                                                   SignInContext context);
    Awaitable<SignInResult<DeviceStart>> start_device(std::string address);
    // Give the context of a token: who asks is a program.
    Awaitable<SignInResult<DeviceSignInAnswer>> poll_device(std::string device_code, SignInContext context);

    // The sign-in is over, or the token revoked, that this is.
    Awaitable<Result<void>> sign_out(Secret token);

private:
    // nullopt: right. Counts as a try.
    Awaitable<std::optional<SignInRefusal>> refuse_password(std::string name, Secret password,
                                                            std::string address);
    Awaitable<void> renew_password(std::string user, Secret checked, Secret renewed);
    Awaitable<SignInResult<SignedIn>> sign_in_by_claims(Claims claims, ProviderSignIn& provider,
                                                        SignInContext context);

    Parts parts_;
    SignInIssuer issuer_;
    mutable std::mutex provider_mutex_;
    std::shared_ptr<ProviderSignIn> provider_;
};

}  // namespace curfew::identity
