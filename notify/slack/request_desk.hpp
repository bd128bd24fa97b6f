// What is done to requests by chat, by whoever does it on the page as well.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/result.hpp"
#include "identity/principal.hpp"
#include "policy/lifecycle.hpp"
#include "workflow/desk.hpp"

namespace curfew::notify::slack {

// As workflow::Desk, from whatever thread the caller is on.
class RequestDesk {
public:
    using Answer = Result<workflow::RequestView>;

    virtual ~RequestDesk() = default;
    virtual boost::asio::awaitable<Answer> find(RequestId id, identity::Principal viewer) = 0;
    virtual boost::asio::awaitable<Answer> review(RequestId id, policy::event::Reviewed review,
                                                  identity::Principal by) = 0;
    virtual boost::asio::awaitable<Answer> revoke(RequestId id, identity::Principal by,
                                                  std::string comment) = 0;
    virtual boost::asio::awaitable<Result<workflow::RequestViews>> list(workflow::RequestQuery query,
                                                                        std::size_t most,
                                                                        identity::Principal viewer) = 0;
};

}  // namespace curfew::notify::slack
