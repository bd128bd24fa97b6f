#include "cli/device_sign_in.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <poll.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <chrono>
#include <csignal>
#include <ostream>

#include "cli/json_access.hpp"
#include "cli/signals.hpp"
#include "cli/spinner.hpp"

namespace curfew::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr seconds shortest_interval{1};
constexpr seconds longest_interval{60};

void print_code(const Context& context, const boost::json::value& code) {
    const auto complete = text_of(code, "verification_uri_complete");
    fmt::print(context.err, "Open {}\nand enter {}\n", text_of(code, "verification_uri"),
               context.err_terminal.styled(Style::bold, text_of(code, "user_code")));
    if (!complete.empty()) fmt::print(context.err, "or open {}\n", complete);
    context.err << std::flush;
}

seconds interval_of(const boost::json::value& document) {
    return std::clamp(seconds{number_of(document, "interval_seconds")}, shortest_interval, longest_interval);
}

// Turns the spinner until `until`; false if a signal came.
bool turn_until(Clock::time_point until, StatusBlock& status, Signals& signals, bool animate) {
    for (auto now = Clock::now(); now < until; now = Clock::now()) {
        status.show({{"waiting for you to sign in there"}});
        const auto next = animate ? std::min(until, now + spinner_tick) : until;
        pollfd wait{signals.descriptor(), POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
        ::poll(&wait, 1, static_cast<int>(left));
        if (signals.next()) return false;
    }
    return true;
}

}  // namespace

Outcome<Answer> sign_in_by_device(const Context& context, const ApiClient& client,
                                  const std::string& token_name) {
    const auto code = client.post("/sign-in/device");
    if (!code) return code.error();
    print_code(context, code->document);
    const auto& device_code = member_of(code->document, "device_code");
    const auto expires = Clock::now() + seconds{number_of(code->document, "expires_in_seconds")};
    auto interval = interval_of(code->document);
    Signals signals{SIGINT, SIGTERM};
    StatusBlock status{context.err, context.err_terminal};
    while (Clock::now() < expires) {
        if (!turn_until(Clock::now() + interval, status, signals, context.err_terminal.is_terminal)) {
            return Failure{ExitCode::interrupted, "Interrupted; nobody is signed in"};
        }
        auto answer =
            client.post("/sign-in/device/poll", {{"device_code", device_code}, {"token_name", token_name}});
        if (!answer || answer->status != 202) return answer;
        interval = interval_of(answer->document);
    }
    return Failure{ExitCode::not_signed_in, "Nobody signed in there in time; run curfew login again"};
}

}  // namespace curfew::cli
