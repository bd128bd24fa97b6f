// The endpoints of the administrative API, version 1. docs/api.md describes them to their users.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "api/http_types.hpp"
#include "api/router.hpp"
#include "base/clock.hpp"
#include "proxy/control.hpp"

namespace curfew::api {

// Answers requests by asking `control`; every change is logged with who asked for it. `control` and `clock`
// must outlive it, and it must outlive the requests that it answers.
class AdminApi {
public:
    AdminApi(boost::asio::any_io_executor executor, proxy::Control& control, const Clock& clock,
             Duration least_event_interval);

    Awaitable<Reply> handle(Request request, std::string actor);

private:
    using Endpoint = Awaitable<Reply> (AdminApi::*)(Call);
    void add(http::verb method, std::string_view path, Endpoint endpoint,
             std::vector<std::string> query = {});

    Awaitable<Reply> give_grant(Call call);
    Awaitable<Reply> list_grants(Call call);
    Awaitable<Reply> show_grant(Call call);
    Awaitable<Reply> revoke_grant(Call call);
    Awaitable<Reply> extend_grant(Call call);
    Awaitable<Reply> list_sessions(Call call);
    Awaitable<Reply> list_past_sessions(Call call);
    Awaitable<Reply> kill_session(Call call);
    Awaitable<Reply> show_status(Call call);
    Awaitable<Reply> reload(Call call);
    Awaitable<Reply> watch_sessions(Call call);

    boost::asio::any_io_executor executor_;
    proxy::Control& control_;
    const Clock& clock_;
    const Duration least_event_interval_;
    Router router_;
};

}  // namespace curfew::api
