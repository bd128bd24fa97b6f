// Requests for the tests of the store: asked, approved and ended without rules.
#pragma once

#include <string>
#include <vector>

#include "store_fixture.hpp"

namespace curfew::test {

// alice's, for an hour on prod-postgres, PENDING for an hour.
policy::Request new_request(const std::string& requester = "alice",
                            const std::string& resource = "prod-postgres");
// The same for a command: `DELETE FROM orders`, of a session or as a script.
policy::Request new_command_request(policy::CommandForm form = policy::CommandForm::query);
policy::Review review_by(const std::string& reviewer, policy::Verdict verdict = policy::Verdict::approve);

// Of a PENDING request: APPROVED by the reviewer, with a grant for what was asked, or with more time for the
// grant that it extends. conflict: it is not PENDING.
store::ChangeRequest approval_by(const std::string& reviewer);
// The same of a command, which is given nothing by it.
store::ChangeRequest command_approval_by(const std::string& reviewer);
// Of an APPROVED command: EXECUTED; a script with the grant that it is run under, for half an hour.
store::ChangeRequest command_run();
store::ChangeRequest rejection_by(const std::string& reviewer);
// A review that decides nothing yet.
store::ChangeRequest opinion_of(const std::string& reviewer);
// REVOKED, with its grant.
store::ChangeRequest revocation_by(const std::string& actor);

class RequestTest : public StoreTest {
protected:
    // The request as somebody asks for it now.
    store::RequestRecord ask(policy::Request request = new_request());
    store::RequestRecord ask_for_extension(const GrantId& grant, Duration more);
    Result<store::ChangedRequest> change(const RequestId& id, store::ChangeRequest with);
    // Asked for and approved.
    store::RequestRecord approved(policy::Request request = new_request());
    store::RequestRecord look_up_request(const RequestId& id);

    // `kind id`, of each event after `after`.
    std::vector<std::string> events(store::EventNumber after = 0);
};

}  // namespace curfew::test
