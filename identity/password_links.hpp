// Links that can be used once, to choose a password by: for the first administrator, and for whom an
// administrator gives one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/sign_in_desk.hpp"
#include "store/people.hpp"

namespace curfew::identity {

// The code of a link, for one person's eyes. There is no default password: until it is used, nobody can sign
// in with what it is for.
struct MadeLink {
    std::string user;  // empty: of whoever becomes the first administrator
    Secret code;
    WallInstant expires_at;
};

// The link itself, at a server whose page is at `address`. The code is in the fragment, which browsers send
// to nobody. That of the first administrator says so: the page then asks for a name as well.
std::string link_url(std::string_view address, const MadeLink& link);

// Makes `user` a user, if there is none, and an administrator, for good; CurrentPeople gives them as that by
// the time it returns. conflict: cannot be, since the configuration declares the group `administrators`; the
// message says whom it names.
using MakeAdministrator = std::function<Awaitable<Result<void>>(std::string user)>;

// Thread-safe; resumes on its caller's executor. What it uses must outlive it.
class PasswordLinks {
public:
    static constexpr std::chrono::hours lifetime{24};

    PasswordLinks(SignInDesk::Parts parts, MakeAdministrator make_administrator);

    // Whether nobody could administer this server by signing in: passwords are what one signs in with, and no
    // member of `administrators` has one.
    Awaitable<Result<bool>> needs_first_administrator();
    // A new link for that, which voids the one before; nullopt where it is not needed. For the log, at start.
    Awaitable<Result<std::optional<MadeLink>>> offer_first_administrator();

    // A link for `user`, any of their names, to choose a password by; the one before is void. not_found:
    // there is no such user. forbidden: nobody signs in with a password here.
    Awaitable<Result<MadeLink>> make(std::string user, Actor by);

    // Uses a link of either sort, sets the password and signs in. `name`: what the first administrator is to
    // be called; not looked at with a link that says whose it is. A link is used up only by a password that
    // will do. forbidden: no link, used, or expired.
    Awaitable<SignInResult<SignedIn>> use(Secret code, std::string name, Secret password,
                                          SignInContext context);

private:
    // nullopt: it is none, or not any more.
    Awaitable<Result<std::optional<store::OneTimeLink>>> find(store::SecretHash hash);
    Awaitable<Result<void>> become_administrator(std::string user);
    Awaitable<SignInResult<SignedIn>> choose_password(store::SecretHash hash, store::OneTimeLink link,
                                                      std::string user, Secret password,
                                                      SignInContext context);

    SignInDesk::Parts parts_;
    MakeAdministrator make_administrator_;
    SignInIssuer issuer_;
};

}  // namespace curfew::identity
