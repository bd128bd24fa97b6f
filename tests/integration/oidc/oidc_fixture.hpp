// A real OpenID provider, Curfew as its client, and people with browsers.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "browser.hpp"
#include "identity/open_id_client.hpp"
#include "running_provider.hpp"

namespace curfew::test {

// The machine's clock, and as far into the future as a test wants to be.
class ShiftedClock final : public Clock {
public:
    BootInstant boot_now() const noexcept override { return system_.boot_now() + by_.load(); }
    WallInstant wall_now() const noexcept override {
        return system_.wall_now() + std::chrono::floor<std::chrono::milliseconds>(by_.load());
    }
    void advance(Duration by) { by_ = by_.load() + by; }

private:
    SystemClock system_;
    std::atomic<Duration> by_{Duration::zero()};
};

// The field of a URL's query, decoded; empty if it is not there.
std::string query_field(const std::string& url, const std::string& name);
// What comes back with the browser.
identity::AuthorizationAnswer answer_of(const std::string& url);

class Oidc : public testing::Test {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();

    static identity::OpenIdSettings settings(std::string client_id = "curfew");
    identity::OpenIdClient client(identity::OpenIdSettings wanted);
    // A sign-in with the page's flow, from its beginning to its end.
    static Result<identity::Claims> sign_in(identity::OpenIdClient& at, std::string_view name);

    static std::unique_ptr<RunningProvider> provider;
    ShiftedClock clock;
    http::CurlFetch fetch;
    identity::OpenIdClient curfew;

    Oidc();
};

}  // namespace curfew::test
