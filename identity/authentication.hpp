// Who sends a request, by the token that it came with.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/people.hpp"
#include "identity/principal.hpp"
#include "store/people.hpp"

namespace curfew::identity {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// Thread-safe; resumes on its caller's executor. What it uses must outlive it.
class Authentication {
public:
    Authentication(store::PeopleStore& store, CurrentPeople people);

    // Whose token it is, of the page's sign-ins (`cfs_…`) and the personal access tokens (`cft_…`). Judged
    // anew each time: a user who is gone, a token that is revoked, a membership that was taken away counts at
    // once. forbidden: it is none, not any more, or nobody's; the message says which, as far as who has the
    // token may know. unavailable: the store cannot be asked.
    Awaitable<Result<Principal>> by_token(Secret token);

    // The groups that the provider claimed for this user when it was last asked, as long as a sign-in of
    // theirs there is not over; of those the ones that count. Empty, too, where no provider is configured to
    // have a say.
    Awaitable<Result<GroupNames>> claimed_groups(std::string user);

private:
    Awaitable<Result<Principal>> by_sign_in(Secret token);
    Awaitable<Result<Principal>> by_access_token(Secret token);
    Awaitable<Result<GroupNames>> groups_claimed_last(std::string user);

    store::PeopleStore& store_;
    const CurrentPeople people_;
};

}  // namespace curfew::identity
