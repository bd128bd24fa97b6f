#include "cli/grant_watch.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "base/time_text.hpp"
#include "cli/grants.hpp"
#include "cli/json_access.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr const char* events_target = "/events";
constexpr auto retry_after = 5s;
constexpr auto ask_every = 1s;
constexpr auto to_the_second = 5min;

}  // namespace

std::string title_text(const std::string& resource, Duration left) {
    if (left <= 0s) return resource + ": access has ended";
    if (left >= 1h || left < to_the_second) return fmt::format("{}: {} left", resource, format_left(left));
    return fmt::format("{}: {}m left", resource, std::chrono::floor<std::chrono::minutes>(left).count());
}

std::string end_text(const json::value& grant) {
    const auto resource = text_of(grant, "resource");
    const auto state = text_of(grant, "state");
    const auto ends = instant_of(grant, "ends_at");
    const auto at = ends ? " at " + format_local(*ends) : "";
    if (state == "ended") return fmt::format("Your access to {} ended{}: its time was over", resource, at);
    if (state == "revoked") {
        const auto& revoked = member_of(grant, "revoked");
        const auto reason = text_of(revoked, "reason");
        const auto when = instant_of(revoked, "at");
        return fmt::format("Your access to {} was revoked by {}{}{}", resource, revoker_of(revoked),
                           when ? " at " + format_local(*when) : "", reason.empty() ? "" : ": " + reason);
    }
    return fmt::format("Your access to {} lasts{}; curfew connect {} goes on", resource,
                       ends ? " until " + format_local(*ends) : "", resource);
}

GrantWatch::GrantWatch(const Context& context, const json::value& grant)
    : context_{context}, id_{text_of(grant, "id")}, resource_{text_of(grant, "resource")} {
    set_left(std::chrono::seconds{number_of(grant, "remaining_seconds")});
}

void GrantWatch::set_left(Duration left) {
    deadline_ = clock_.boot_now() + left;
}

Duration GrantWatch::left() const {
    return deadline_ - clock_.boot_now();
}

void GrantWatch::wait(int descriptor, Steady::time_point until) {
    const auto now = Steady::now();
    if (!stream_ && now >= retry_at_) stream_.emplace(context_.client.server(), events_target);
    if (!stream_) {
        pollfd wait{descriptor, POLLIN, 0};
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(std::min(until, retry_at_) - now).count();
        ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        return;
    }
    stream_->wait(descriptor, until);
    for (const auto& event : stream_->take())
        take(event);
    if (stale_ && Steady::now() - asked_at_ >= ask_every) (void)refresh();
    if (!stream_->failure()) return;
    // The countdown goes on by itself.
    stream_.reset();
    retry_at_ = Steady::now() + retry_after;
}

void GrantWatch::take(const ServerEvent& event) {
    if (event.name == "request" || event.name == "reset") {
        (void)refresh();
        return;
    }
    json::error_code error;
    const auto document = json::parse(event.data, error);
    if (error || event.name != "sessions") return;
    // It comes after changes to grants as well; where no session shows how this one stands, the server has
    // to.
    stale_ = true;
    for (const auto& session : list_of(document, "items")) {
        if (text_of(session, "grant") == id_ && text_of(session, "phase") == "live") {
            set_left(std::chrono::seconds{number_of(session, "remaining_seconds")});
            stale_ = false;
        }
    }
}

bool GrantWatch::refresh() {
    asked_at_ = Steady::now();
    stale_ = false;
    const auto answer = context_.client.get("/grants/" + path_segment(id_));
    if (!answer) return false;  // the countdown goes on with what it knows
    active_ = text_of(answer->document, "state") == "active";
    set_left(active_ ? std::chrono::seconds{number_of(answer->document, "remaining_seconds")} : 0s);
    return true;
}

bool GrantWatch::still_active() {
    const bool answered = refresh();
    return answered && active_;
}

}  // namespace curfew::cli
