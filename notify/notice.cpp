#include "notify/notice.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/time_text.hpp"

namespace curfew::notify {
namespace {

namespace json = boost::json;
using policy::Decision;
using policy::RequestKind;
using policy::RequestStatus;

// How much longer than the lead may be left of a grant when its last minutes are spoken of: what has more was
// extended since, and is spoken of later.
constexpr Duration leeway = std::chrono::seconds{30};

// The event's summary, as far as it can be read.
json::object summary_of(const store::Event& event) {
    boost::system::error_code error;
    const json::value value = json::parse(event.summary, error);
    return !error && value.is_object() ? value.get_object() : json::object{};
}

std::string_view text_in(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return {};
    return value->get_string();
}

policy::Circumstances circumstances(const Facts& facts, const Surroundings& surroundings,
                                    const policy::Target& target) {
    return {surroundings.config->rules, *surroundings.directory, target, facts.now,
            facts.grant ? &*facts.grant : nullptr};
}

// When the holder is told that little is left; nullopt: the grant is too short for that, or nobody's own.
std::optional<WallInstant> ending_at(const Facts& facts) {
    if (!facts.grant || facts.holder().empty()) return std::nullopt;
    const policy::Window& window = facts.grant->window;
    if (window.ends_at - window.starts_at < 2 * ending_lead) return std::nullopt;
    return window.ends_at - std::chrono::duration_cast<WallInstant::duration>(ending_lead);
}

class Drawing {
public:
    Drawing(const store::Event& event, const Facts& facts) : event_{event}, facts_{facts} {
        consequences_.subject = subject();
    }

    Consequences consequences() {
        if (event_.kind.starts_with("request.")) {
            of_request();
        } else if (event_.kind.starts_with("grant.")) {
            of_grant();
        }
        return std::move(consequences_);
    }

private:
    std::string subject() const {
        return facts_.request ? facts_.request->id.text() : facts_.grant->id.text();
    }

    Notice& add(NoticeKind kind) {
        Notice notice;
        notice.kind = kind;
        notice.event = event_.number;
        notice.subject = consequences_.subject;
        notice.resource = facts_.resource();
        notice.at = event_.at;
        notice.actor = event_.actor;
        consequences_.notices.push_back(std::move(notice));
        return consequences_.notices.back();
    }
    void add_update() { add(NoticeKind::request_waiting).is_update = true; }

    void of_request() {
        const policy::Request& request = *facts_.request;
        const json::object summary = summary_of(event_);
        const bool is_pending = text_in(summary, "status") == policy::to_string(RequestStatus::pending);
        const bool review_is_due = summary.contains("review_due");
        if (event_.kind == "request.submitted") {
            if (is_pending) add(NoticeKind::request_waiting);
            return;
        }
        if (event_.kind == "request.break_glass") {
            add(NoticeKind::break_glass_used);
            return;
        }
        add_update();
        if (request.command) return of_command(*request.command, review_is_due);
        if (event_.kind == "request.approved") {
            add(NoticeKind::request_approved);
            // By break-glass: those are told of it by an event of its own.
            if (review_is_due && request.approval == Decision::signed_offline) add(NoticeKind::review_due);
        } else if (event_.kind == "request.rejected") {
            add(NoticeKind::request_rejected);
        } else if ((event_.kind == "request.revoked" || event_.kind == "request.executed") && review_is_due) {
            add(NoticeKind::review_due);
        }
    }

    void of_command(const policy::Command& command, bool review_is_due) {
        const bool is_over = event_.kind == "request.revoked" || event_.kind == "request.executed";
        if (is_over && review_is_due) add(NoticeKind::review_due);
        // Whoever runs a command in a live session is told there, by the session itself.
        if (command.form != policy::CommandForm::script) return;
        if (event_.kind == "request.approved") {
            add(NoticeKind::request_approved);
        } else if (event_.kind == "request.rejected") {
            add(NoticeKind::request_rejected);
        } else if (event_.kind == "request.command_ended" || event_.kind == "request.revoked") {
            add(NoticeKind::command_ended);
        }
    }

    void of_grant() {
        const bool is_given = event_.kind == "grant.given";
        const bool is_over = event_.kind == "grant.revoked" || event_.kind == "grant.ended";
        if (!is_given && !is_over && event_.kind != "grant.extended") return;
        if (facts_.grant && facts_.grant->use != policy::GrantUse::sessions) return of_limited_grant();
        if (!is_given) {
            consequences_.withdrawn.push_back(NoticeKind::grant_ending);
            if (facts_.request) add_update();
        }
        if (is_over) {
            add(NoticeKind::grant_ended);
        } else if (const auto due = ending_at(facts_)) {
            add(NoticeKind::grant_ending).due_at = due;
        }
    }

    // Its user connects without a window, and again after its end; a script ends with its command. Only that
    // somebody took the right away is news.
    void of_limited_grant() {
        const bool is_taken =
            event_.kind == "grant.revoked" && facts_.grant->use == policy::GrantUse::commands;
        if (is_taken) add(NoticeKind::grant_ended);
    }

    const store::Event& event_;
    const Facts& facts_;
    Consequences consequences_;
};

// Whether they did themselves what the notice tells of, so that they need not hear of it. That access was got
// in somebody's name they are told all the same: it may not have been them. That it ends soon is nobody's
// act.
bool is_own_act(const Notice& notice, const Surroundings& surroundings, std::string_view user) {
    const bool is_an_act =
        notice.kind != NoticeKind::request_approved && notice.kind != NoticeKind::grant_ending;
    if (notice.actor.empty() || !is_an_act) return false;
    return surroundings.directory->are_same_person(notice.actor, user);
}

}  // namespace

policy::Target Surroundings::target(std::string_view resource) const {
    const config::Resource* found = config->find_resource(resource);
    policy::Target target;
    target.name = std::string{resource};
    target.known = found != nullptr;
    if (found != nullptr) target.attributes = found->attributes;
    return target;
}

std::string Surroundings::shown_name(std::string_view user) const {
    const config::User* found = config->find_user(user);
    return found != nullptr && !found->display_name.empty() ? found->display_name : std::string{user};
}

const std::string& Facts::resource() const {
    return request ? request->resource : grant->resource;
}

std::string Facts::holder() const {
    if (request) return request->requester;
    const policy::Subject& subject = grant->subject;
    return subject.kind == policy::Subject::Kind::user ? subject.name : std::string{};
}

Facts facts_of(store::RequestRecord record, WallInstant now) {
    Facts facts;
    if (record.grant) facts = facts_of(std::move(*record.grant), now);
    facts.request = std::move(record.request);
    facts.now = now;
    return facts;
}

Facts facts_of(store::GrantCountdown grant, WallInstant now) {
    Facts facts;
    facts.remaining = grant.remaining;
    facts.grant = std::move(grant.grant);
    facts.grant->verifier.reset();
    facts.now = now;
    return facts;
}

bool is_for_approvers(NoticeKind kind) {
    return kind == NoticeKind::request_waiting || kind == NoticeKind::break_glass_used ||
           kind == NoticeKind::review_due;
}

EventSubject subject_of(const store::Event& event) {
    EventSubject subject;
    if (event.kind.starts_with("request.")) subject.request = RequestId::parse(event.id);
    if (event.kind.starts_with("grant.") && event.kind != "grant.credential_issued")
        subject.grant = GrantId::parse(event.id);
    return subject;
}

Consequences consequences_of(const store::Event& event, const Facts& facts) {
    return Drawing{event, facts}.consequences();
}

std::set<std::string> people_to_tell(const Notice& notice, const Facts& facts,
                                     const Surroundings& surroundings) {
    std::set<std::string> people;
    const policy::Directory& directory = *surroundings.directory;
    if (!is_for_approvers(notice.kind)) {
        const std::string holder = facts.holder();
        if (directory.knows_user(holder) && !is_own_act(notice, surroundings, holder)) people.insert(holder);
        return people;
    }
    if (!facts.request || notice.is_update) return people;
    const policy::Target target = surroundings.target(facts.request->resource);
    const policy::Circumstances now = circumstances(facts, surroundings, target);
    for (const std::string& group : policy::reviewing_groups(*facts.request, now)) {
        for (const std::string& user : directory.members_of(group)) {
            if (is_own_act(notice, surroundings, user)) continue;
            if (!policy::groups_to_review_for(user, *facts.request, now).empty()) people.insert(user);
        }
    }
    return people;
}

policy::GroupNames reviewing_groups(const Facts& facts, const Surroundings& surroundings) {
    if (!facts.request) return {};
    const policy::Target target = surroundings.target(facts.request->resource);
    return policy::reviewing_groups(*facts.request, circumstances(facts, surroundings, target));
}

policy::Progress progress(const Facts& facts, const Surroundings& surroundings) {
    if (!facts.request || facts.request->status != RequestStatus::pending) return {};
    const policy::Target target = surroundings.target(facts.request->resource);
    return policy::progress(*facts.request, circumstances(facts, surroundings, target));
}

std::optional<std::string> why_pointless(const Notice& notice, const Facts& facts) {
    const policy::Request* request = facts.request ? &*facts.request : nullptr;
    switch (notice.kind) {
        case NoticeKind::request_waiting:
            if (notice.is_update || request == nullptr) break;
            if (request->status != RequestStatus::pending || facts.now >= request->review_ends_at)
                return "it does not wait for anybody any more";
            break;
        case NoticeKind::review_due:
            if (request != nullptr && !request->review_due) return "it has been reviewed";
            break;
        case NoticeKind::request_approved:
            if (request != nullptr && request->status != RequestStatus::approved)
                return "what it gave is over already";
            break;
        case NoticeKind::grant_ending:
            if (!facts.grant || facts.grant->revoked || facts.remaining <= Duration::zero())
                return "the grant is over already";
            if (facts.remaining > ending_lead + leeway) return "the grant was extended";
            break;
        case NoticeKind::break_glass_used:
        case NoticeKind::request_rejected:
        case NoticeKind::grant_ended:
        case NoticeKind::command_ended:
            break;
    }
    return std::nullopt;
}

std::string content_of(const Notice& notice) {
    json::object content{
        {"at", format_utc(notice.at)}, {"actor", notice.actor}, {"resource", notice.resource}};
    if (notice.is_update) content["update"] = true;
    return json::serialize(content);
}

std::optional<Notice> notice_of(const store::Delivery& delivery) {
    const auto kind = config::parse_notice_kind(delivery.kind);
    boost::system::error_code error;
    const json::value value = json::parse(delivery.content, error);
    if (!kind || error || !value.is_object()) return std::nullopt;
    const json::object& content = value.get_object();
    const auto at = parse_utc(text_in(content, "at"));
    if (!at) return std::nullopt;
    Notice notice;
    notice.kind = *kind;
    notice.event = delivery.event;
    notice.subject = delivery.subject;
    notice.resource = text_in(content, "resource");
    notice.at = *at;
    notice.actor = text_in(content, "actor");
    notice.is_update = content.contains("update");
    return notice;
}

}  // namespace curfew::notify
