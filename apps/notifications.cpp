#include "apps/notifications.hpp"

#include <utility>
#include <variant>

#include "base/log.hpp"
#include "notify/make_notifier.hpp"
#include "notify/slack/slack_notifier.hpp"

namespace curfew::apps {

Notifications::Notifications(const Clock& clock, store::Store& store, metrics::Metrics& metrics,
                             std::string node)
    : clock_{clock}, store_{store}, metrics_{metrics}, node_{std::move(node)} {}

void Notifications::use(const workflow::RulebookPtr& rulebook) {
    auto now = std::make_shared<notify::Surroundings>();
    // Each keeps the rulebook that it is a part of.
    now->config = {rulebook, &rulebook->config()};
    now->directory = {rulebook, &rulebook->directory()};
    {
        const std::lock_guard lock{mutex_};
        surroundings_ = std::move(now);
    }
    const auto& notifiers = rulebook->config().notifiers;
    if (!dispatcher_ && notifiers.empty()) return;
    if (!dispatcher_) {
        notify::CourierParts parts{clock_, store_, metrics_, node_, [this] { return surroundings(); }};
        dispatcher_.emplace(std::move(parts));
    }
    dispatcher_->use(notifiers, [this](const config::Notifier& settings) { return make(settings); });
}

std::shared_ptr<const notify::Surroundings> Notifications::surroundings() const {
    const std::lock_guard lock{mutex_};
    return surroundings_;
}

std::shared_ptr<notify::Notifier> Notifications::make(const config::Notifier& settings) {
    if (std::holds_alternative<config::SlackSettings>(settings.provider)) {
        return std::make_shared<notify::slack::SlackNotifier>(settings, store_, dispatcher_->pool(), clock_);
    }
    auto notifier = notify::make_notifier(settings, {dispatcher_->pool(), clock_});
    if (!notifier) log::error("notifier.not_made", {{"notifier", settings.name}, {"type", settings.type()}});
    return notifier;
}

}  // namespace curfew::apps
