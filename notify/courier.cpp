#include "notify/courier.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t events_at_a_time = 200;
// So many events of which nothing follows are read again after a start, rather than written down each time.
constexpr store::EventNumber most_unwritten = 1000;
// Until it is tried again with a store that does not answer.
constexpr Duration pause_on_failure = 1s;

}  // namespace

Courier::Courier(boost::asio::any_io_executor executor, const CourierParts& parts, config::Notifier settings,
                 std::shared_ptr<Notifier> notifier)
    : executor_{std::move(executor)},
      parts_{parts},
      settings_{std::move(settings)},
      notifier_{std::move(notifier)},
      intake_alarm_{executor_} {
    for (unsigned i = 0; i < notifier_->at_once(); ++i)
        sender_alarms_.emplace_back(executor_);
}

void Courier::start() {
    // They end by themselves; until then this keeps what they use.
    const auto rethrow = [self = shared_from_this()](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    };
    boost::asio::co_spawn(executor_, take_in(), rethrow);
    for (Alarm& alarm : sender_alarms_)
        boost::asio::co_spawn(executor_, send_on(alarm), rethrow);
}

void Courier::stop() {
    stopping_ = true;
    notifier_->stop();
    intake_alarm_.ring();
    for (Alarm& alarm : sender_alarms_)
        alarm.ring();
}

// Whatever rings is a hint; the truth is the store's feed of events, which is read from where it was read to.
Awaitable<void> Courier::take_in() {
    std::string problem;
    while (!stopping_) {
        auto reading = read_on_safely();
        const Result<bool> more = co_await std::move(reading);
        if (!more && more.error().message != problem)
            log::warning("notifications.not_taken_in",
                         {{"notifier", settings_.name}, {"error", more.error().message}});
        problem = more ? std::string{} : more.error().message;
        if (!more) {
            co_await intake_alarm_.wait_for(pause_on_failure);
        } else if (!*more) {
            co_await intake_alarm_.wait_for(std::nullopt);
        }
    }
}

// Whatever goes wrong here must not take the sessions of this node with it.
Awaitable<Result<bool>> Courier::read_on_safely() {
    try {
        auto reading = read_on();
        co_return co_await std::move(reading);
    } catch (const std::exception& failure) {
        co_return Error{ErrorCode::internal, failure.what()};
    }
}

// True if there may be more.
Awaitable<Result<bool>> Courier::read_on() {
    if (!place_) {
        auto finding = find_place();
        const Result<bool> found = co_await std::move(finding);
        if (!found || !*found) co_return found;
    }
    auto reading = parts_.store.events_after(seen_, events_at_a_time);
    const Result<store::EventsRead> read = co_await std::move(reading);
    if (!read) co_return read.error();
    if (read->events.empty() && !read->lost) co_return false;
    auto drawing = draw(read->events);
    Result<store::DeliveryChanges> changes = co_await std::move(drawing);
    if (!changes) co_return changes.error();
    const bool is_worth_writing = !changes->added.empty() || !changes->withdrawn.empty() || read->lost ||
                                  read->last.number - place_->number >= most_unwritten;
    if (is_worth_writing) {
        if (read->lost)
            log::warning("notifications.events_lost",
                         {{"notifier", settings_.name}, {"seen", seen_.number}, {"last", read->last.number}});
        auto taking = parts_.store.take_in_events(settings_.name, *place_, read->last, std::move(*changes));
        const Result<std::size_t> taken = co_await std::move(taking);
        if (!taken) {
            place_.reset();
            // Another node was quicker: what it took in is not taken in again.
            if (taken.error().code == ErrorCode::conflict) co_return true;
            co_return taken.error();
        }
        place_ = read->last;
    }
    seen_ = read->last;
    for (Alarm& alarm : sender_alarms_)
        alarm.ring();
    co_return read->events.size() == events_at_a_time;
}

Awaitable<Result<bool>> Courier::find_place() {
    auto finding = parts_.store.place_of_notifier(settings_.name);
    const Result<store::ChainHead> found = co_await std::move(finding);
    if (!found) co_return found.error();
    if (!std::exchange(has_begun_, true))
        log::info("notifier.started",
                  {{"notifier", settings_.name}, {"type", settings_.type()}, {"after", found->number}});
    place_ = *found;
    seen_ = *found;
    co_return true;
}

Awaitable<Result<store::DeliveryChanges>> Courier::draw(std::vector<store::Event> events) {
    store::DeliveryChanges changes;
    std::map<std::string, Facts> known;
    std::shared_ptr<const Surroundings> surroundings;
    for (const store::Event& event : events) {
        const EventSubject subject = subject_of(event);
        if (!subject.request && !subject.grant) continue;
        if (!surroundings) surroundings = parts_.surroundings();
        auto drawing = draw_one(event, known, surroundings, changes);
        const Result<void> drawn = co_await std::move(drawing);
        if (!drawn) co_return drawn.error();
    }
    co_return changes;
}

Awaitable<Result<void>> Courier::draw_one(const store::Event& event, std::map<std::string, Facts>& known,
                                          std::shared_ptr<const Surroundings> surroundings,
                                          store::DeliveryChanges& changes) {
    auto facts = known.find(event.id);
    if (facts == known.end()) {
        auto reading = facts_of_event(event);
        FactsRead read = co_await std::move(reading);
        if (!read) co_return read.error();
        if (!*read) co_return Result<void>{};
        facts = known.emplace(event.id, std::move(**read)).first;
    }
    Consequences consequences = consequences_of(event, facts->second);
    for (Notice& notice : consequences.notices) {
        if (!settings_.is_told(notice.kind, notice.resource)) continue;
        auto addressing = address(std::move(notice), facts->second, surroundings, changes);
        const Result<void> addressed = co_await std::move(addressing);
        if (!addressed) co_return addressed.error();
    }
    for (const NoticeKind kind : consequences.withdrawn) {
        if (!settings_.notices.contains(kind)) continue;
        changes.withdrawn.push_back(
            {consequences.subject, std::string{to_string(kind)}, std::nullopt, event.number});
    }
    co_return Result<void>{};
}

// To whom it goes.
Awaitable<Result<void>> Courier::address(Notice notice, const Facts& facts,
                                         std::shared_ptr<const Surroundings> surroundings,
                                         store::DeliveryChanges& changes) {
    std::vector<std::string> told;
    if (notice.is_update) {
        auto asking = parts_.store.recipients_of(settings_.name, notice.subject);
        Result<std::vector<std::string>> known = co_await std::move(asking);
        if (!known) co_return known.error();
        told = std::move(*known);
        // Those who are told by the same events are not in the store yet.
        for (const store::NewDelivery& added : changes.added) {
            if (added.subject == notice.subject) told.push_back(added.recipient);
        }
    }
    auto asking = notifier_->recipients(notice, facts, *surroundings, told);
    Result<std::vector<std::string>> recipients = co_await std::move(asking);
    if (!recipients) co_return recipients.error();
    for (std::string& recipient : *recipients) {
        if (recipient.empty() || recipient.size() > store::longest_recipient) {
            log::error("notification.nobody", {{"notifier", settings_.name}, {"recipient", recipient}});
            continue;
        }
        changes.added.push_back({std::move(recipient), std::string{to_string(notice.kind)}, notice.subject,
                                 notice.event, content_of(notice), notice.due_at});
    }
    co_return Result<void>{};
}

// nullopt: what the event is about is not there.
Awaitable<Courier::FactsRead> Courier::facts_of_event(const store::Event& event) {
    const EventSubject subject = subject_of(event);
    if (subject.request) co_return co_await facts_of_subject(subject.request->text());
    auto finding = parts_.store.find_grant(*subject.grant);
    auto grant = co_await std::move(finding);
    if (!grant && grant.error().code == ErrorCode::not_found) co_return std::optional<Facts>{};
    if (!grant) co_return grant.error();
    if (grant->grant.request) co_return co_await facts_of_subject(grant->grant.request->text());
    co_return std::optional{facts_of(std::move(*grant), parts_.clock.wall_now())};
}

Awaitable<Courier::FactsRead> Courier::facts_of_subject(std::string subject) {
    if (auto request = RequestId::parse(subject)) {
        auto finding = parts_.store.find_request(std::move(*request));
        auto record = co_await std::move(finding);
        if (record) co_return std::optional{facts_of(std::move(*record), parts_.clock.wall_now())};
        if (record.error().code != ErrorCode::not_found) co_return record.error();
    } else if (auto grant = GrantId::parse(subject)) {
        auto finding = parts_.store.find_grant(std::move(*grant));
        auto found = co_await std::move(finding);
        if (found) co_return std::optional{facts_of(std::move(*found), parts_.clock.wall_now())};
        if (found.error().code != ErrorCode::not_found) co_return found.error();
    }
    co_return std::optional<Facts>{};
}

}  // namespace curfew::notify
