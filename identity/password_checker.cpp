#include "identity/password_checker.hpp"

#include <utility>

namespace curfew::identity {
namespace {

// Below the relay, whatever hashing there is to do: sessions are not to feel that people sign in.
constexpr int courtesy = 10;

http::WorkerPool::Options password_pool_options() {
    return {.name = "curfew-password",
            .threads = 2,
            .most_waiting = 32,
            .niceness = courtesy,
            .too_busy = "too many people are signing in at this moment; try again in a few seconds"};
}

Result<PasswordCheck> check_now(const Secret& password, const PasswordHash& stored, const ScryptCost& cost) {
    PasswordCheck check;
    check.right = stored.is_of(password);
    if (check.right && stored.cost() != cost) check.renewed = PasswordHash::of(password, cost).text();
    return check;
}

}  // namespace

PasswordChecker::PasswordChecker(const ScryptCost& cost)
    : cost_{cost}, nobody_{PasswordHash::of_nobody(cost)}, pool_{password_pool_options()} {}

Awaitable<Result<PasswordCheck>> PasswordChecker::check(Secret password, std::optional<Secret> stored) {
    std::optional<PasswordHash> hash = nobody_;
    if (stored) hash = PasswordHash::parse(stored->reveal());  // a hash is what it is to be read as
    if (!hash)
        co_return Error{ErrorCode::internal,
                        "what the store has for this user is no password hash; set the password anew"};
    // Longer ones were never accepted, so cannot be right, and are not worth the work; nor is their time a
    // secret.
    if (password.reveal().size() > longest_password) co_return PasswordCheck{};
    auto work = [password = std::move(password), hash = std::move(*hash), cost = cost_] {
        return check_now(password, hash, cost);
    };
    co_return co_await pool_.run<PasswordCheck>(std::move(work));
}

Awaitable<Result<Secret>> PasswordChecker::hash(Secret password) {
    auto work = [password = std::move(password), cost = cost_]() -> Result<Secret> {
        return PasswordHash::of(password, cost).text();
    };
    co_return co_await pool_.run<Secret>(std::move(work));
}

}  // namespace curfew::identity
