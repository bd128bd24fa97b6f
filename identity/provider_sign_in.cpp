#include "identity/provider_sign_in.hpp"

#include <utility>

namespace curfew::identity {
namespace {

http::CurlFetch::Options fetch_options(const OpenIdSettings& settings) {
    http::CurlFetch::Options options;
    options.peer = "the sign-in provider";
    options.root_certificate_file = settings.root_certificate_file;
    return options;
}

http::WorkerPool::Options provider_pool_options() {
    return {
        .name = "curfew-oidc",
        .threads = 2,
        .most_waiting = 32,
        .too_busy = "the sign-in provider is slow, and too many people are waiting for it; try again soon"};
}

}  // namespace

ProviderSignIn::ProviderSignIn(OpenIdSettings settings, const Secret& secret, const Clock& clock)
    : fetch_{fetch_options(settings)},
      client_{std::move(settings), secret, fetch_, clock},
      pool_{provider_pool_options()} {}

ProviderSignIn::~ProviderSignIn() {
    fetch_.stop();
}

Awaitable<Result<AuthorizationStart>> ProviderSignIn::start_authorization(std::string return_to) {
    auto work = [this, return_to = std::move(return_to)] { return client_.start_authorization(return_to); };
    co_return co_await pool_.run<AuthorizationStart>(std::move(work));
}

Awaitable<Result<AuthorizationResult>> ProviderSignIn::finish_authorization(std::string cookie,
                                                                            AuthorizationAnswer answer) {
    auto work = [this, cookie = std::move(cookie), answer = std::move(answer)] {
        return client_.finish_authorization(cookie, answer);
    };
    co_return co_await pool_.run<AuthorizationResult>(std::move(work));
}

Awaitable<Result<DeviceStart>> ProviderSignIn::start_device() {
    auto work = [this] { return client_.start_device(); };
    co_return co_await pool_.run<DeviceStart>(std::move(work));
}

Awaitable<Result<DeviceAnswer>> ProviderSignIn::poll_device(std::string device_code) {
    auto work = [this, device_code = std::move(device_code)] { return client_.poll_device(device_code); };
    co_return co_await pool_.run<DeviceAnswer>(std::move(work));
}

Awaitable<Result<bool>> ProviderSignIn::has_device_flow() {
    auto work = [this]() -> Result<bool> { return client_.has_device_flow(); };
    co_return co_await pool_.run<bool>(std::move(work));
}

}  // namespace curfew::identity
