// Notices: what people are told of a request or a grant. Pure: which notices follow from an event of the
// store, and whether one is still worth saying when its turn comes.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "policy/directory.hpp"
#include "policy/lifecycle.hpp"
#include "store/store.hpp"

namespace curfew::notify {

using config::NoticeKind;

// So long before the end of a grant its holder is told. Who was given less than twice that is not.
inline constexpr Duration ending_lead = std::chrono::minutes{5};

// Who there is and which rules hold, at one instant. Immutable.
struct Surroundings {
    std::shared_ptr<const config::Config> config;
    std::shared_ptr<const policy::Directory> directory;  // with the groups that the sign-in provider claims

    // As rules see it; what left the configuration is not known.
    policy::Target target(std::string_view resource) const;
    // The user's, for people to read: the display name, or the name.
    std::string shown_name(std::string_view user) const;
};

// What a notice is about, as it stands. At least one of the two is there.
struct Facts {
    std::optional<policy::Request> request;  // absent: the grant was given by hand
    // What the request gave, or is to extend. Without its verifier.
    std::optional<policy::Grant> grant;
    Duration remaining{};  // of the grant, by the store's clock; zero or below: it is over
    WallInstant now;       // when this was read

    const std::string& resource() const;
    // Whom the access is for: who asked, or who the grant was given to; empty: a group, or everybody.
    std::string holder() const;
};
Facts facts_of(store::RequestRecord record, WallInstant now);
Facts facts_of(store::GrantCountdown grant, WallInstant now);

// Something that there is to say.
struct Notice {
    NoticeKind kind = NoticeKind::request_waiting;
    store::EventNumber event = 0;  // that it follows from
    // Of the request; or of the grant, where it was given by hand. What belongs together has the same one.
    std::string subject;
    std::string resource;
    WallInstant at;     // of the event
    std::string actor;  // whose doing it was, a canonical name; empty: nobody's
    // request_waiting alone: those who were told of the request before can see how it stands now, whatever
    // has become of it. For messages that can be changed; nobody is to be told anew.
    bool is_update = false;
    // When to say it; absent: at once.
    std::optional<WallInstant> due_at;
};

// To those who decide, or to who asked.
bool is_for_approvers(NoticeKind kind);

// What follows from an event.
struct Consequences {
    std::vector<Notice> notices;
    // Kinds of notices about `subject` that were put in before this event and are not to be said any more.
    std::string subject;
    std::vector<NoticeKind> withdrawn;
};

// What an event is about, to read the facts of; neither: nothing follows from it.
struct EventSubject {
    std::optional<RequestId> request;
    std::optional<GrantId> grant;
};
EventSubject subject_of(const store::Event& event);
Consequences consequences_of(const store::Event& event, const Facts& facts);

// The users who are told, by canonical names: the requester, or who may review the request, but not who did
// it themselves. Nobody is told about what they may not see.
std::set<std::string> people_to_tell(const Notice& notice, const Facts& facts,
                                     const Surroundings& surroundings);
// The groups whose members may decide about the request, as policy::reviewing_groups.
policy::GroupNames reviewing_groups(const Facts& facts, const Surroundings& surroundings);
// Of a PENDING request, how far each rule is.
policy::Progress progress(const Facts& facts, const Surroundings& surroundings);

// nullopt: it is worth saying. Else why not any more: what it says is not true any more, or is said by
// another that came later.
std::optional<std::string> why_pointless(const Notice& notice, const Facts& facts);

// What the store keeps with a delivery of a notice, and the notice of a delivery. nullopt: written by
// something else.
std::string content_of(const Notice& notice);
std::optional<Notice> notice_of(const store::Delivery& delivery);

}  // namespace curfew::notify
