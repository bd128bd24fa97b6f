#include "policy/offline_request.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace curfew::policy {

Request entered_request(const OfflineAcceptance& acceptance, WallInstant accepted_at) {
    const OfflineGrant& grant = acceptance.document.grant;
    Request request;
    request.id = acceptance.request;
    request.requester = acceptance.user;
    request.resource = grant.resource;
    request.duration = grant.duration;
    request.reason = grant.reason;
    request.asked_at = accepted_at;
    request.review_ends_at = accepted_at;
    request.status = RequestStatus::approved;
    request.decision = request.approval = Decision::signed_offline;
    request.decided_by = acceptance.signers.empty() ? std::string{} : acceptance.signers.back();
    request.decided_at = request.approved_at = accepted_at;
    request.decision_comment = fmt::format("while no store answered: document {}, signed by {}, taken by {}",
                                           grant.id, fmt::join(acceptance.signers, ", "), grant.node);
    request.granted = grant.duration;
    request.review_due = true;
    for (const std::string& signer : acceptance.signers) {
        Review review;
        review.reviewer = signer;
        review.group = offline_signature;
        review.at = accepted_at;
        request.reviews.push_back(std::move(review));
    }
    return request;
}

}  // namespace curfew::policy
