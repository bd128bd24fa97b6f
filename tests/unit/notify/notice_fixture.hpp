// What people are told, as a real desk and a real store have it happen.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "desk_fixture.hpp"
#include "notify/notice.hpp"

namespace curfew::notify {

// Who there is and which rules hold, out of a rulebook.
std::shared_ptr<const Surroundings> surroundings_of(const workflow::RulebookPtr& rulebook);

// alice and bob ask, carol and dave (dba) and erin (security) decide, root administers; carol is shown as
// Carol.
class NoticeTest : public test::DeskTest {
protected:
    // A notice that an event gave, with what was known when it was read.
    struct Given {
        Notice notice;
        Facts facts;
        store::EventNumber event = 0;
    };

    NoticeTest();

    std::shared_ptr<const Surroundings> surroundings() { return surroundings_of(registry->rulebook()); }
    // Everything that follows from what has happened since this was asked last.
    std::vector<Given> news();
    // The same, each as `request_waiting by alice to carol, dave`; `(update)` behind the kind of one. What is
    // due later has its time: `grant_ending at 10:55:00 to alice`.
    std::vector<std::string> told();
    std::vector<std::string> withdrawn;  // by the last news(): `grant_ending`

    Facts facts_of(const RequestId& id);
    policy::RequestId asked(const std::string& user = "alice", const std::string& resource = "prod",
                            Duration duration = std::chrono::hours{1});
    // With break-glass for bob, 20 minutes.
    policy::RequestId glass_broken();
    void revoke(const RequestId& id, const std::string& by, const std::string& comment = "enough");

private:
    store::EventNumber seen_ = 0;
};

}  // namespace curfew::notify
