// What one notifier has to do: take in what happened, and send what is due.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/notifiers.hpp"
#include "metrics/metrics.hpp"
#include "notify/alarm.hpp"
#include "notify/notifier.hpp"
#include "store/store.hpp"

namespace curfew::notify {

// What all couriers share. All outlive them.
struct CourierParts {
    const Clock& clock;
    store::Store& store;
    metrics::Metrics& metrics;
    std::string node;  // what this node is called
    // Who there is and which rules hold now. Called on the dispatcher's thread; never null.
    std::function<std::shared_ptr<const Surroundings>()> surroundings;
};

// Belongs to the dispatcher's thread. Its coroutines keep it alive until they are over.
class Courier : public std::enable_shared_from_this<Courier> {
public:
    Courier(boost::asio::any_io_executor executor, const CourierParts& parts, config::Notifier settings,
            std::shared_ptr<Notifier> notifier);

    // Once.
    void start();
    // Something may have happened.
    void wake() { intake_alarm_.ring(); }
    // Lets what is being sent come to its end, which is soon.
    void stop();

    const config::Notifier& settings() const noexcept { return settings_; }

private:
    using FactsRead = Result<std::optional<Facts>>;

    Awaitable<void> take_in();
    Awaitable<Result<bool>> read_on_safely();
    Awaitable<Result<bool>> read_on();
    Awaitable<Result<bool>> find_place();
    Awaitable<Result<store::DeliveryChanges>> draw(std::vector<store::Event> events);
    Awaitable<Result<void>> draw_one(const store::Event& event, std::map<std::string, Facts>& known,
                                     std::shared_ptr<const Surroundings> surroundings,
                                     store::DeliveryChanges& changes);
    Awaitable<Result<void>> address(Notice notice, const Facts& facts,
                                    std::shared_ptr<const Surroundings> surroundings,
                                    store::DeliveryChanges& changes);
    Awaitable<FactsRead> facts_of_event(const store::Event& event);
    Awaitable<FactsRead> facts_of_subject(std::string subject);

    Awaitable<void> send_on(Alarm& alarm);
    Awaitable<Result<std::optional<Duration>>> send_or_look();
    Awaitable<Result<bool>> send_next();
    Awaitable<Result<std::optional<Duration>>> until_next();
    Awaitable<void> see_to(store::ClaimedDelivery claimed);
    Awaitable<store::DeliveryOutcome> outcome_of(const store::ClaimedDelivery& claimed);
    Awaitable<SendOutcome> attempt(Message message);
    store::DeliveryOutcome judged(const store::Delivery& delivery, SendOutcome outcome) const;
    Awaitable<void> finish(store::ClaimedDelivery claimed, store::DeliveryOutcome outcome);
    Awaitable<void> count();
    void report(const store::Delivery& delivery, const store::DeliveryOutcome& outcome) const;

    boost::asio::any_io_executor executor_;
    const CourierParts& parts_;
    const config::Notifier settings_;
    const std::shared_ptr<Notifier> notifier_;
    bool stopping_ = false;
    bool has_begun_ = false;  // to take in

    Alarm intake_alarm_;
    std::list<Alarm> sender_alarms_;
    std::optional<store::ChainHead> place_;  // up to which deliveries are there, as the store has it
    store::ChainHead seen_;                  // up to which nothing more follows
};

}  // namespace curfew::notify
