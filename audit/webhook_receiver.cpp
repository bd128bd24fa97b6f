#include "audit/webhook_receiver.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>
#include <variant>

#include "audit/proof/trail_line.hpp"
#include "http/url.hpp"
#include "notify/blocking_notifier.hpp"
#include "notify/webhook.hpp"

namespace curfew::audit {
namespace {

constexpr std::size_t longest_answer = std::size_t{64} * 1024;

http::CurlFetch::Options fetch_options_of(const config::WebhookSettings& settings) {
    http::CurlFetch::Options options;
    options.root_certificate_file = settings.root_certificate_file;
    options.destinations = http::Destinations::public_and(settings.allowed_networks);
    options.most_bytes = longest_answer;
    options.peer = "the audit trail's webhook";
    options.is_url_secret = true;  // people put tokens into such addresses
    return options;
}

}  // namespace

std::string webhook_body(const EventBatch& batch, const std::string& node) {
    boost::json::array events;
    for (const store::ListedEvent& event : batch.events)
        events.emplace_back(json_of(event));
    return boost::json::serialize(boost::json::object{
        {"type", "audit_events"}, {"id", batch.id}, {"node", node}, {"events", std::move(events)}});
}

WebhookEventReceiver::WebhookEventReceiver(config::WebhookSettings settings, const Clock& clock,
                                           std::string node)
    : settings_{std::move(settings)},
      clock_{clock},
      node_{std::move(node)},
      fetch_{fetch_options_of(settings_)} {}

std::string WebhookEventReceiver::place() const {
    return http::origin_of(settings_.url);
}

std::optional<NotTaken> WebhookEventReceiver::send(const EventBatch& batch) {
    http::Request request;
    request.url = settings_.url;
    request.content = http::Content{"application/json", webhook_body(batch, node_)};
    const WallInstant now = clock_.wall_now();
    request.headers = {
        {"User-Agent", "curfewd"},
        {"Curfew-Delivery", batch.id},
        {"Curfew-Signature", notify::webhook_signature(settings_.secret, now, request.content->bytes)}};
    const auto outcome =
        notify::outcome_of(fetch_.fetch(request), "the audit trail's webhook at " + place(), now);
    const auto* failed = std::get_if<notify::NotSent>(&outcome);
    if (failed == nullptr) return std::nullopt;
    return NotTaken{failed->problem, failed->retry_after};
}

}  // namespace curfew::audit
