// The desk: where people ask for access, and others decide. Judges by the rulebook, keeps everything in the
// store, and has the node act on it before anybody is told that it is so.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "policy/lifecycle.hpp"
#include "store/store.hpp"
#include "workflow/changed_requests.hpp"
#include "workflow/enforcement.hpp"
#include "workflow/person.hpp"
#include "workflow/preview_wanted.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::workflow {

// A request as one person sees it.
struct RequestView {
    policy::Request request;
    std::optional<store::GrantCountdown> grant;  // what it gave, or is to extend
    // The terms of the rules that decide, as they stand now. Rules are named: the rulebook may be another by
    // the time that this is read.
    struct OfRule {
        std::string rule;
        unsigned approvals = 0;
        unsigned wanted = 0;
        policy::GroupNames missing_groups;
        bool satisfied = false;
        policy::GroupNames approval_groups;
    };
    std::vector<OfRule> progress;         // while PENDING
    policy::GroupNames reviewing_groups;  // whose members may decide
    policy::GroupNames may_review_for;    // of the viewer's groups; empty: may not review it
    bool may_revoke = false;              // the viewer may cancel or revoke it
};

struct RequestViews {
    std::vector<RequestView> requests;
    std::optional<std::string> next;  // cursor of the next page; absent: there is none
};

// What to list; what is absent does not narrow the list.
struct RequestQuery {
    std::set<policy::RequestStatus> statuses;
    std::optional<std::string> requester;
    std::optional<std::string> resource;
    bool awaiting_my_review = false;
};

// What the requester of an APPROVED request logs in with, where the resource's login is managed.
struct GrantCredential {
    std::string user;
    std::string database;  // of the resource; what to name is for the client to work out
    Secret password;
    WallInstant ends_at;  // with the grant, which may be extended
};

// What somebody connects by whose commands are approved one by one.
struct CommandAccess {
    store::GrantCountdown grant;
    std::optional<GrantCredential> credential;  // absent: they log in as they do otherwise
};

// Belongs to the control thread, and is awaited there. People are named as they signed in; names are made
// canonical here.
class Desk {
public:
    // All outlive it. `rulebook` gives the one that holds now. `clock`: for what is shown; decisions are made
    // by the store's.
    Desk(store::Store& store, Enforcement& enforcement, const Clock& clock,
         std::function<RulebookPtr()> rulebook)
        : store_{store}, enforcement_{enforcement}, clock_{clock}, rulebook_{std::move(rulebook)} {}

    // forbidden: no rule lets them ask. invalid: what a rule asks for is missing. Both name the rule.
    // `resource` may be empty where a grant is to be extended. `claimed_groups`: as Person's, of who asks.
    Awaitable<Result<RequestView>> submit(std::string resource, policy::Wish wish,
                                          policy::GroupNames claimed_groups = {}, std::string from = {});
    Awaitable<Result<RequestView>> review(policy::RequestId id, policy::event::Reviewed review,
                                          policy::GroupNames claimed_groups = {}, std::string from = {});
    // The one verb to take access back: a PENDING request is cancelled, an APPROVED one revoked. Sessions
    // under its grant have been told to end when this returns.
    Awaitable<Result<RequestView>> revoke(policy::RequestId id, Person by, std::string comment);

    // The same for a grant, however it was given; every request of it ends in the same act. forbidden: `by`
    // is no administrator. not_found, conflict: as Store::revoke_grant.
    Awaitable<Result<store::GrantCountdown>> revoke_grant(GrantId id, Person by, std::string reason);

    // The right to run a command, once: it counts as run from here on. Gives what change_request gives.
    // conflict: is not APPROVED (any more). forbidden: no rule lets its requester any more.
    Awaitable<Result<store::ChangedRequest>> run_command(policy::RequestId id);

    // not_found also where the viewer may not know of it.
    Awaitable<Result<RequestView>> find(policy::RequestId id, Person viewer);
    // What the viewer may see: their own, what they may review, and all for administrators.
    Awaitable<Result<RequestViews>> list(RequestQuery query, store::Page page, Person viewer);

    // A new secret; the one before is dead at once. forbidden: is somebody else's. conflict: not APPROVED, or
    // the resource's login is not managed.
    Awaitable<Result<GrantCredential>> issue_credential(policy::RequestId id, Actor requester);

    // The same for a grant by which they connect that their commands are approved by (GrantUse::commands). No
    // secret where people log in otherwise. forbidden: the grant is for something or somebody else.
    Awaitable<Result<CommandAccess>> open_command_access(GrantId grant, Actor user);

    // Ends what does not stand any more under the rulebook that holds now.
    Awaitable<Result<void>> reconsider();
    // Ends requests that nobody decided in time, and closes those whose window has passed.
    Awaitable<Result<void>> settle();

    // Called with the requests that have changed by what was done here. One at a time; an empty function:
    // none.
    void when_changed(std::function<void(const ChangedRequests&)> call) { changed_ = std::move(call); }
    // Called with each request by which somebody broke the glass, after everything else.
    void when_glass_broken(std::function<void(const policy::Request&)> call) {
        glass_broken_ = std::move(call);
    }

    // Makes what those who decide see of a command, before it is asked for. An empty function: nothing is
    // made.
    void when_preview_wanted(std::function<Awaitable<policy::Preview>(PreviewWanted)> call) {
        make_preview_ = std::move(call);
    }

private:
    // By what somebody's act is judged.
    struct Judgement {
        RulebookPtr rulebook;  // that holds
        RulebookPtr as_seen;   // as it holds for who acts
        std::string viewer;    // who acts
    };
    Judgement judgement_for(const Person& person) const;
    RequestView shown(const Judgement& judgement, store::RequestRecord record) const;

    Awaitable<std::optional<policy::Preview>> preview_of(RulebookPtr rulebook, std::string resource,
                                                         policy::Wish wish);
    Awaitable<void> enforce(std::vector<store::ChangedRequest> changed);
    Awaitable<store::RequestRecord> under_new_rules(RulebookPtr judged_by, store::RequestRecord record);
    void raise_alarm(const Rulebook& rulebook, const policy::Request& request) const;
    Awaitable<Result<GrantCredential>> set_password(GrantId grant, Actor user,
                                                    const config::Resource& resource);
    Awaitable<Result<RequestView>> change(policy::RequestId id, Judgement judgement,
                                          store::ChangeRequest how);

    store::Store& store_;
    Enforcement& enforcement_;
    const Clock& clock_;
    std::function<RulebookPtr()> rulebook_;
    std::function<void(const ChangedRequests&)> changed_;
    std::function<void(const policy::Request&)> glass_broken_;
    std::function<Awaitable<policy::Preview>(PreviewWanted)> make_preview_;
};

// How `viewer` sees it, by this rulebook.
RequestView view_for(const Rulebook& rulebook, std::string_view viewer, store::RequestRecord record,
                     WallInstant now);
// As it holds for `person`, who acts: an administrator by more than what the rulebook says, perhaps, and in
// the groups that are claimed of them at this moment. What is true of everybody else stays.
RulebookPtr as_seen_by(const Person& person, RulebookPtr rulebook);
// May `viewer` know of it?
bool may_see(const Rulebook& rulebook, std::string_view viewer, const policy::Request& request);

}  // namespace curfew::workflow
