// The last step of every sign-in: the token that it gives.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "identity/people.hpp"
#include "identity/sign_in.hpp"
#include "store/people.hpp"

namespace curfew::identity {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// How the person proved who they are.
struct Proof {
    std::string user;         // canonical
    std::string method;       // `password`, `oidc`, `link`
    std::string claims = {};  // claims_text, after a sign-in at the provider
};

// Thread-safe; resumes on its caller's executor. What it uses must outlive it.
class SignInIssuer {
public:
    SignInIssuer(store::PeopleStore& store, CurrentPeople people);

    Awaitable<SignInResult<SignedIn>> issue(Proof proof, SignInContext context);

private:
    Awaitable<SignInResult<SignedIn>> issue_sign_in(Proof proof);
    Awaitable<SignInResult<SignedIn>> issue_token(Proof proof, std::string name);

    store::PeopleStore& store_;
    const CurrentPeople people_;
};

}  // namespace curfew::identity
