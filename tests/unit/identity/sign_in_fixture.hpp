// Everything that signing in needs, on a real store and a clock that moves when told to.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "identity/authentication.hpp"
#include "identity/password_checker.hpp"
#include "identity/people.hpp"
#include "identity/sign_in_desk.hpp"
#include "identity/sign_in_limiter.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/running_loop.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::identity {

using test::await;
using test::await_on;

// alice (alias asmith), bob and the administrator carol; alice's password is `alices_password`.
class SignInTest : public testing::Test {
protected:
    static constexpr ScryptCost cheap{4, 8, 1};
    static constexpr const char* alices_password = "correct horse battery";

    SignInTest() {
        for (const char* name : {"alice", "bob", "carol"})
            config.users[name].name = name;
        config.users["alice"].aliases = {"asmith"};
        config.groups["dba"] = {};
        config.groups["administrators"] = {"carol"};
        apply_config();
        give_password("alice", alices_password);
    }

    // What `config` says from now on.
    void apply_config() { people = std::make_shared<const People>(config); }
    void give_password(const std::string& user, const std::string& password) {
        auto hash = PasswordHash::of(Secret{password}, cheap).text();
        ASSERT_TRUE(await(store->set_password(user, std::move(hash), "test")));
    }
    SignInDesk::Parts parts() {
        return {*store, [this] { return people; }, passwords, limiter};
    }
    static SignInContext from(std::string address = "192.0.2.1") { return {std::move(address)}; }
    static SignInContext program(std::string name = "curfew on laptop") {
        return {"192.0.2.1", std::move(name)};
    }
    SignInResult<SignedIn> sign_in(std::string name, std::string password, SignInContext context = from()) {
        return await(desk.with_password(std::move(name), Secret{std::move(password)}, std::move(context)));
    }
    Result<Principal> who(const Secret& token) { return await(authentication.by_token(token)); }

    test::TemporaryDirectory directory;
    ManualClock clock{WallInstant{std::chrono::seconds{1'790'000'000}}};
    std::shared_ptr<store::SqliteStore> store =
        store::SqliteStore::open(directory / "curfew.db", clock).value();
    config::Config config;
    std::shared_ptr<const People> people;
    PasswordChecker passwords{cheap};
    SignInLimiter limiter{clock};
    SignInDesk desk{parts()};
    Authentication authentication{*store, [this] { return people; }};
};

}  // namespace curfew::identity
