#include "api/remote_request_desk.hpp"

#include <utility>

namespace curfew::api {

Awaitable<RemoteRequestDesk::Answer> RemoteRequestDesk::find(RequestId id, identity::Principal viewer) {
    return workflow_.find(std::move(id), person_of(viewer));
}

Awaitable<RemoteRequestDesk::Answer> RemoteRequestDesk::review(RequestId id, policy::event::Reviewed review,
                                                               identity::Principal by) {
    return workflow_.review(std::move(id), std::move(review), std::move(by.claimed_groups),
                            std::move(by.from));
}

Awaitable<RemoteRequestDesk::Answer> RemoteRequestDesk::revoke(RequestId id, identity::Principal by,
                                                               std::string comment) {
    return workflow_.revoke(std::move(id), person_of(by), std::move(comment));
}

Awaitable<Result<workflow::RequestViews>> RemoteRequestDesk::list(workflow::RequestQuery query,
                                                                  std::size_t most,
                                                                  identity::Principal viewer) {
    return workflow_.list(std::move(query), store::Page{most, {}}, person_of(viewer));
}

}  // namespace curfew::api
