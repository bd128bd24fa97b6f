// Checking and hashing people's passwords, off the caller's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/worker_pool.hpp"
#include "identity/password_hash.hpp"

namespace curfew::identity {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// What came of comparing a password with what is kept of it.
struct PasswordCheck {
    bool right = false;
    // Where it is right and its hash cost less than today's: a hash to keep instead.
    std::optional<Secret> renewed;
};

// Two hashes at a time, 128 MiB, and 32 more that wait: about six seconds' worth. Everything may be awaited
// on any executor and resumes there; unavailable: too many others are waiting.
class PasswordChecker {
public:
    explicit PasswordChecker(const ScryptCost& cost = today);

    // Whether `password` is the one that `stored` was made of. nullopt, where there is no such user or the
    // user has no password: it is not, after the same time. internal: what is stored is no password hash.
    Awaitable<Result<PasswordCheck>> check(Secret password, std::optional<Secret> stored);
    // What to keep of a new password.
    Awaitable<Result<Secret>> hash(Secret password);

private:
    const ScryptCost cost_;
    const PasswordHash nobody_;
    http::WorkerPool pool_;
};

}  // namespace curfew::identity
