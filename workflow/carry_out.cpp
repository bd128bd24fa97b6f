#include "workflow/carry_out.hpp"

#include <string>
#include <utility>

#include "base/log.hpp"
#include "workflow/changed_requests.hpp"

namespace curfew::workflow {
namespace {

void log_change(const policy::Request& request) {
    log::info("request.changed", {{"request", request.id.text()},
                                  {"requester", request.requester},
                                  {"resource", request.resource},
                                  {"status", to_string(request.status)},
                                  {"decision", to_string(request.decision)},
                                  {"by", request.decided_by},
                                  {"grant", request.grant ? request.grant->text() : std::string{}}});
}

}  // namespace

ChangedRequests changed_by(const std::vector<store::ChangedRequest>& changes) {
    std::set<RequestId> ids;
    for (const store::ChangedRequest& change : changes)
        ids.insert(change.after.request.id);
    return ids;
}

Awaitable<void> carry_out(Enforcement& enforcement, std::vector<store::ChangedRequest> changed,
                          std::vector<store::GrantCountdown> grants) {
    for (store::ChangedRequest& one : changed) {
        log_change(one.after.request);
        if (one.grant_changed && one.after.grant) grants.push_back(std::move(*one.after.grant));
    }
    if (!grants.empty()) co_await enforcement.grants_changed(std::move(grants));
}

Awaitable<void> carry_out(Enforcement& enforcement, std::vector<store::ChangedRequest> changed) {
    return carry_out(enforcement, std::move(changed), {});
}

}  // namespace curfew::workflow
