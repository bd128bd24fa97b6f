#include "cli/approval_wait.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <ostream>

#include "cli/event_stream.hpp"
#include "cli/json_access.hpp"
#include "cli/request_text.hpp"
#include "cli/signals.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr const char* request_events = "/events?topics=requests";
constexpr auto reconnect_after = 1s;

enum class Until { decision, result };

class ApprovalWait {
public:
    ApprovalWait(const Context& context, json::value request, Until until)
        : context_{context},
          until_{until},
          // In parentheses: braces would make a list of one of it.
          request_(std::move(request)),
          id_{text_of(request_, "id")} {}

    Outcome<json::value> run();

private:
    bool is_pending() const { return text_of(request_, "status") == "PENDING"; }
    bool is_over() const;
    std::optional<Failure> follow();
    void take(const ServerEvent& event);
    std::optional<Failure> refresh();
    void draw();
    Failure interrupted(int signal);
    bool person_cancels();

    std::string left_alone() const;

    const Context& context_;
    Until until_;
    json::value request_;
    std::string id_;
    Signals signals_{SIGINT, SIGTERM};
    StatusBlock status_{context_.err, context_.err_terminal};
    std::optional<EventStream> stream_;
    std::string last_id_;
    std::string trouble_;
    bool was_connected_ = false;
    bool stale_ = false;  // something was said of the request: read it again
    Steady::time_point retry_at_{};
};

Outcome<json::value> ApprovalWait::run() {
    while (!is_over()) {
        draw();
        if (auto failure = follow()) return *failure;
        if (const auto signal = signals_.next()) return interrupted(*signal);
    }
    return request_;
}

bool ApprovalWait::is_over() const {
    if (until_ == Until::decision) return !is_pending();
    const auto status = text_of(request_, "status");
    const bool may_run = status == "PENDING" || status == "APPROVED" || status == "EXECUTED";
    return !may_run || !member_of(request_, "command_result").is_null();
}

std::optional<Failure> ApprovalWait::follow() {
    const auto now = Steady::now();
    const auto until = now + (context_.err_terminal.is_terminal ? Steady::duration{spinner_tick} : 10min);
    if (!stream_ && now < retry_at_) {
        pollfd wait{signals_.descriptor(), POLLIN, 0};
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(std::min(until, retry_at_) - now).count();
        ::poll(&wait, 1, static_cast<int>(left));
        return std::nullopt;
    }
    if (!stream_) {
        stream_.emplace(context_.client.server(), request_events, last_id_);
        was_connected_ = false;
    }
    stream_->wait(signals_.descriptor(), until);
    if (stream_->connected() && !was_connected_) {
        // What happened before the stream was there.
        was_connected_ = stale_ = true;
        trouble_.clear();
    }
    for (const auto& event : stream_->take())
        take(event);
    if (const auto& failure = stream_->failure()) {
        if (failure->code != ExitCode::unreachable) return failure;
        trouble_ = failure->message;
        last_id_ = stream_->last_id();
        stream_.reset();
        retry_at_ = Steady::now() + reconnect_after;
        return std::nullopt;
    }
    return stale_ ? refresh() : std::nullopt;
}

void ApprovalWait::take(const ServerEvent& event) {
    if (event.name == "reset") stale_ = true;
    if (event.name != "request") return;
    json::error_code error;
    const auto document = json::parse(event.data, error);
    if (!error && text_of(document, "id") == id_) stale_ = true;
}

std::optional<Failure> ApprovalWait::refresh() {
    auto answer = context_.client.get("/requests/" + path_segment(id_));
    if (!answer) {
        if (answer.error().code != ExitCode::unreachable) return answer.error();
        trouble_ = answer.error().message;  // and is tried again
        return std::nullopt;
    }
    stale_ = false;
    trouble_.clear();
    request_ = std::move(answer->document);
    return std::nullopt;
}

void ApprovalWait::draw() {
    if (!is_pending()) return status_.show(running_lines(request_, trouble_));
    std::string countdown;
    if (const auto ends = instant_of(request_, "review_ends_at")) {
        const auto left = *ends - SystemClock{}.wall_now();
        if (left > 0s)
            countdown = fmt::format("({} left to decide; Ctrl-C ends the wait)", format_left(left));
    }
    status_.show(waiting_lines(request_, trouble_), countdown);
}

Failure ApprovalWait::interrupted(int signal) {
    status_.clear();
    const bool on_terminal = ::isatty(STDIN_FILENO) == 1 && context_.err_terminal.is_terminal;
    const bool runs = text_of(request_, "status") == "EXECUTED";
    const bool cancel = !runs && signal == SIGINT && on_terminal && person_cancels();
    if (!cancel) return {ExitCode::interrupted, left_alone()};
    const auto answer = context_.client.post(fmt::format("/requests/{}/revoke", path_segment(id_)));
    if (!answer) return answer.error();
    return {ExitCode::interrupted, fmt::format("{} is cancelled", id_)};
}

// What becomes of a request that is not cancelled.
std::string ApprovalWait::left_alone() const {
    if (until_ == Until::decision) {
        return fmt::format(
            "{0} goes on waiting; curfew connect takes it up again, curfew revoke {0} cancels it", id_);
    }
    if (text_of(request_, "status") == "EXECUTED") {
        return fmt::format("{0} runs on; curfew show {0} prints what comes of it", id_);
    }
    return fmt::format(
        "{0} goes on waiting; curfew show {0} prints what comes of it, curfew revoke {0} "
        "cancels it",
        id_);
}

// Another Ctrl-C, or the end of the input, says no.
bool ApprovalWait::person_cancels() {
    context_.err << "Cancel the request? [Y/n] " << std::flush;
    std::array<pollfd, 2> wait{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signals_.descriptor(), POLLIN, 0}};
    while (::poll(wait.data(), wait.size(), -1) < 0) {
        if (errno != EINTR) return false;
    }
    std::array<char, 256> line{};
    const bool answered = wait[1].revents == 0;
    const auto length = answered ? ::read(STDIN_FILENO, line.data(), line.size()) : 0;
    if (length <= 0) context_.err << '\n';
    return length > 0 && (line[0] == '\n' || line[0] == 'y' || line[0] == 'Y');
}

void add_trouble(const std::string& trouble, std::vector<StatusLine>& lines) {
    if (!trouble.empty()) lines.push_back({"  not connected: " + trouble, Style::red});
}

}  // namespace

std::vector<StatusLine> waiting_lines(const json::value& request, const std::string& trouble) {
    std::vector<StatusLine> lines{{waiting_text(request)}};
    for (auto& line : progress_lines(request))
        lines.push_back(std::move(line));
    add_trouble(trouble, lines);
    return lines;
}

std::vector<StatusLine> running_lines(const json::value& request, const std::string& trouble) {
    const auto id = text_of(request, "id");
    const bool runs = text_of(request, "status") == "EXECUTED";
    std::vector<StatusLine> lines{{id + (runs ? " runs" : " is approved, and about to run")}};
    add_trouble(trouble, lines);
    return lines;
}

Outcome<json::value> wait_for_decision(const Context& context, json::value request) {
    return ApprovalWait{context, std::move(request), Until::decision}.run();
}

Outcome<json::value> wait_for_result(const Context& context, json::value request) {
    return ApprovalWait{context, std::move(request), Until::result}.run();
}

}  // namespace curfew::cli
