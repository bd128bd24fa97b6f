#include "notify/webhook.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <utility>

#include "base/hmac.hpp"
#include "notify/notice_json.hpp"

namespace curfew::notify {
namespace {

constexpr std::size_t longest_webhook_answer = std::size_t{64} * 1024;

http::CurlFetch::Options fetch_options(const config::WebhookSettings& settings) {
    http::CurlFetch::Options options;
    options.root_certificate_file = settings.root_certificate_file;
    options.destinations = http::Destinations::public_and(settings.allowed_networks);
    options.most_bytes = longest_webhook_answer;
    options.peer = "the webhook's receiver";
    options.is_url_secret = true;  // people put tokens into such addresses
    return options;
}

}  // namespace

std::string webhook_signature(const Secret& secret, WallInstant now, std::string_view body) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return fmt::format("t={},v1={}", seconds,
                       to_hex(hmac_sha256(secret, fmt::format("{}.{}", seconds, body))));
}

WebhookNotifier::WebhookNotifier(config::WebhookSettings settings, http::WorkerPool& pool, const Clock& clock)
    : BlockingNotifier{pool},
      settings_{std::move(settings)},
      clock_{clock},
      fetch_{fetch_options(settings_)} {}

Awaitable<Result<std::vector<std::string>>> WebhookNotifier::recipients(const Notice& notice,
                                                                        const Facts& facts,
                                                                        const Surroundings&,
                                                                        const std::vector<std::string>&) {
    // What a request came to is told by a notice of its own.
    const bool is_said_otherwise =
        notice.is_update && facts.request && facts.request->status != policy::RequestStatus::pending;
    if (is_said_otherwise) co_return std::vector<std::string>{};
    co_return std::vector<std::string>{"receiver"};
}

SendOutcome WebhookNotifier::deliver(const Message& message) {
    const std::string& id = message.delivery.id.text();
    http::Request request;
    request.url = settings_.url;
    request.content = http::Content{
        "application/json",
        boost::json::serialize(json_of(id, message.notice, message.facts, *message.surroundings))};
    const WallInstant now = clock_.wall_now();
    request.headers = {
        {"User-Agent", "curfewd"},
        {"Curfew-Delivery", id},
        {"Curfew-Signature", webhook_signature(settings_.secret, now, request.content->bytes)}};
    return outcome_of(fetch_.fetch(request), "the webhook's receiver at " + http::origin_of(settings_.url),
                      now);
}

}  // namespace curfew::notify
