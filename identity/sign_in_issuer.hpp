// The last step of every sign-in: the token that it gives.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
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

// Keeps a sign-in at the provider, as PeopleStore::add_sign_in does. What stood on a group that its claims do
// not have any more is over when it returns. Called on any thread; resumes on its caller's executor.
using KeepProviderSignIn = std::function<Awaitable<Result<store::SignIn>>(store::NewSignIn)>;

// Thread-safe; resumes on its caller's executor. What it uses must outlive it.
class SignInIssuer {
public:
    // Where `keep` is empty, a sign-in at the provider is kept as every other is, and nothing follows.
    SignInIssuer(store::PeopleStore& store, CurrentPeople people, KeepProviderSignIn keep = {});

    Awaitable<SignInResult<SignedIn>> issue(Proof proof, SignInContext context);

private:
    Awaitable<SignInResult<SignedIn>> issue_sign_in(Proof proof, const std::string& address);
    Awaitable<SignInResult<SignedIn>> issue_token(Proof proof, std::string name, const std::string& address);
    Awaitable<Result<store::SignIn>> add(store::NewSignIn sign_in);

    store::PeopleStore& store_;
    const CurrentPeople people_;
    const KeepProviderSignIn keep_;
};

}  // namespace curfew::identity
