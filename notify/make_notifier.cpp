#include "notify/make_notifier.hpp"

#include <variant>

#include "notify/email.hpp"
#include "notify/teams.hpp"
#include "notify/webhook.hpp"

namespace curfew::notify {

std::shared_ptr<Notifier> make_notifier(const config::Notifier& settings, const NotifierTools& tools) {
    if (const auto* webhook = std::get_if<config::WebhookSettings>(&settings.provider))
        return std::make_shared<WebhookNotifier>(*webhook, tools.pool, tools.clock);
    if (const auto* teams = std::get_if<config::TeamsSettings>(&settings.provider))
        return std::make_shared<TeamsNotifier>(*teams, tools.pool, tools.clock);
    if (const auto* email = std::get_if<config::EmailSettings>(&settings.provider))
        return std::make_shared<EmailNotifier>(*email, tools.pool, tools.clock);
    return nullptr;
}

}  // namespace curfew::notify
