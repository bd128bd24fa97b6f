// OpenIdClient off the caller's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/fetch.hpp"
#include "http/worker_pool.hpp"
#include "identity/open_id_client.hpp"

namespace curfew::identity {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// The functions of OpenIdClient, with its errors, to be awaited on any executor; they resume there. Two
// threads ask the provider, so one that hangs holds up nobody but those who sign in, and those for ten
// seconds at most. unavailable, also: too many are waiting for it.
class ProviderSignIn {
public:
    // `secret`: the store's installation secret. `clock` must outlive it.
    ProviderSignIn(OpenIdSettings settings, const Secret& secret, const Clock& clock);
    // Breaks off what is under way.
    ~ProviderSignIn();
    ProviderSignIn(const ProviderSignIn&) = delete;
    ProviderSignIn& operator=(const ProviderSignIn&) = delete;

    Awaitable<Result<AuthorizationStart>> start_authorization(std::string return_to);
    Awaitable<Result<AuthorizationResult>> finish_authorization(std::string cookie,
                                                                AuthorizationAnswer answer);
    Awaitable<Result<DeviceStart>> start_device();
    Awaitable<Result<DeviceAnswer>> poll_device(std::string device_code);
    Awaitable<Result<bool>> has_device_flow();

    const OpenIdSettings& settings() const noexcept { return client_.settings(); }

private:
    http::CurlFetch fetch_;
    OpenIdClient client_;
    http::WorkerPool pool_;  // the first to go: its threads use the others
};

}  // namespace curfew::identity
