#include "cli/watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <csignal>
#include <exception>
#include <functional>
#include <optional>
#include <ostream>
#include <utility>

#include "base/time_text.hpp"
#include "cli/event_stream.hpp"
#include "cli/session_changes.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr const char* events_target = "/api/v1/events";
constexpr std::size_t bar_width = 20;
constexpr auto retry_after = 1s;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// The terminal's other screen, with the cursor hidden, for as long as this lives.
class Screen {
public:
    explicit Screen(std::ostream& out) : out_{out} { out_ << "\033[?1049h\033[?25l" << std::flush; }
    ~Screen() { out_ << "\033[?25h\033[?1049l" << std::flush; }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    // Overwrites in place: clearing first would flicker.
    void show(std::string_view picture) {
        std::string text = "\033[H";
        for (const char c : picture) {
            if (c == '\n') text += "\033[K";
            text += c;
        }
        out_ << text << "\033[J" << std::flush;
    }

private:
    std::ostream& out_;
};

// Out of io_context::run(), to whoever reports it.
void rethrow(const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
}

class Watch {
public:
    explicit Watch(const Context& context)
        : context_{context},
          signals_{io_, SIGINT, SIGTERM},
          resized_{io_, SIGWINCH},
          ticks_{io_},
          retry_{io_} {}

    ExitCode run();

private:
    asio::awaitable<void> follow();
    asio::awaitable<void> tick();
    asio::awaitable<void> redraw_when_resized();
    void take(const ServerEvent& event);
    void print_changes(const std::vector<SessionRow>& now);
    void draw();
    void end(ExitCode code);

    const Context& context_;
    const SystemClock clock_;
    asio::io_context io_{1};
    asio::signal_set signals_;
    asio::signal_set resized_;
    asio::steady_timer ticks_;
    asio::steady_timer retry_;
    std::optional<Screen> screen_;
    std::vector<SessionRow> rows_;
    std::string trouble_;
    bool ever_connected_ = false;
    std::optional<Failure> failure_;
    ExitCode code_ = ExitCode::ok;
};

ExitCode Watch::run() {
    signals_.async_wait([this](boost::system::error_code error, int) {
        if (!error) end(ExitCode::ok);
    });
    asio::co_spawn(io_, follow(), rethrow);
    io_.run();
    screen_.reset();
    return failure_ ? report(context_, *failure_) : code_;
}

void Watch::end(ExitCode code) {
    code_ = code;
    io_.stop();
}

asio::awaitable<void> Watch::follow() {
    const std::function<void()> on_connected = [this] {
        trouble_.clear();
        if (std::exchange(ever_connected_, true) || !context_.terminal.is_terminal || context_.json) return;
        screen_.emplace(context_.out);
        asio::co_spawn(io_, tick(), rethrow);
        asio::co_spawn(io_, redraw_when_resized(), rethrow);
    };
    const std::function<void(const ServerEvent&)> on_event = [this](const ServerEvent& event) {
        take(event);
    };
    while (true) {
        auto following = follow_events(context_.client.socket_path(), events_target, on_connected, on_event);
        Failure why = co_await std::move(following);
        if (!screen_) {
            failure_ = std::move(why);
            end(failure_->code);
            co_return;
        }
        trouble_ = why.message;
        draw();
        retry_.expires_after(retry_after);
        co_await retry_.async_wait(as_result);
    }
}

asio::awaitable<void> Watch::tick() {
    auto next = std::chrono::steady_clock::now();
    while (true) {
        next += 1s;
        ticks_.expires_at(next);
        co_await ticks_.async_wait(as_result);
        draw();
    }
}

asio::awaitable<void> Watch::redraw_when_resized() {
    while (true) {
        const auto [error, signal] = co_await resized_.async_wait(as_result);
        if (error) co_return;
        draw();
    }
}

void Watch::take(const ServerEvent& event) {
    if (event.name != "sessions") return;
    if (context_.json) {
        context_.out << event.data << std::endl;
        return;
    }
    boost::system::error_code error;
    const auto document = boost::json::parse(event.data, error);
    if (error) return;  // a list that cannot be read changes nothing; the next one replaces it
    auto rows = read_sessions(document, clock_);
    if (!screen_) print_changes(rows);
    rows_ = std::move(rows);
    if (screen_) draw();
}

void Watch::print_changes(const std::vector<SessionRow>& now) {
    const auto time = format_local(clock_.wall_now());
    for (const auto& change : session_changes(rows_, now))
        context_.out << time << "  " << describe(change, clock_.boot_now()) << '\n';
    context_.out << std::flush;
}

void Watch::draw() {
    // Asked anew each time: the window may have changed its size.
    Terminal terminal = look_at_terminal(true);
    terminal.color = context_.terminal.color;
    screen_->show(draw_watch(rows_, trouble_, clock_.boot_now(), format_local(clock_.wall_now()), terminal));
}

std::string headline(const std::vector<SessionRow>& rows, BootInstant now) {
    if (rows.empty()) return "no live sessions";
    std::size_t ending = 0;
    std::optional<BootInstant> next;
    for (const SessionRow& row : rows) {
        if (row.phase == "ending") {
            ++ending;
        } else {
            next = next ? std::min(*next, row.deadline) : row.deadline;
        }
    }
    auto text = fmt::format("{} session{}", rows.size(), rows.size() == 1 ? "" : "s");
    if (ending > 0) text += fmt::format(", {} ending", ending);
    if (next) text += fmt::format(", the next ends in {}", format_countdown(*next - now));
    return text;
}

}  // namespace

std::string format_countdown(Duration left) {
    const bool over = left < Duration::zero();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(over ? -left : left).count();
    const char* sign = over ? "-" : "";
    if (seconds < 3600) return fmt::format("{}{:02}:{:02}", sign, seconds / 60, seconds % 60);
    return fmt::format("{}{}:{:02}:{:02}", sign, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string bar(Duration left, Duration total, std::size_t width, bool utf8) {
    const double share =
        total <= Duration::zero()
            ? 0
            : std::clamp(std::chrono::duration<double>(left) / std::chrono::duration<double>(total), 0.0,
                         1.0);
    // Rounded up: a bar is empty only when nothing is left.
    const auto full = static_cast<std::size_t>(share * static_cast<double>(width) + 0.999);
    std::string text;
    for (std::size_t i = 0; i < width; ++i) {
        if (utf8) {
            text += i < full ? "█" : "░";
        } else {
            text += i < full ? '#' : '.';
        }
    }
    return text;
}

std::string draw_watch(const std::vector<SessionRow>& rows, const std::string& trouble, BootInstant now,
                       const std::string& time_of_day, const Terminal& terminal) {
    const auto first_line = cut_to_width(
        fmt::format("curfew  {}  {}  (Ctrl-C leaves)", time_of_day, headline(rows, now)), terminal.columns);
    std::string picture = terminal.styled(Style::bold, first_line) + "\n";
    if (!trouble.empty()) {
        picture +=
            terminal.styled(Style::red, cut_to_width("not connected: " + trouble, terminal.columns)) + "\n";
    }
    picture += "\n";
    // What ends first stands first: that is what somebody who watches waits for.
    std::vector<const SessionRow*> order;
    order.reserve(rows.size());
    for (const auto& row : rows)
        order.push_back(&row);
    std::stable_sort(order.begin(), order.end(),
                     [](const SessionRow* a, const SessionRow* b) { return a->deadline < b->deadline; });
    // The first line, trouble, a blank, the header, what did not fit, and the cursor's line behind it all.
    const std::size_t taken = 6;
    const std::size_t room = terminal.rows > taken + 1 ? terminal.rows - taken : 1;
    Table table{{"LEFT", "", "SESSION", "USER", "RESOURCE", "CLIENT", "IN", "OUT", "STATE"}};
    for (std::size_t i = 0; i < std::min(room, order.size()); ++i) {
        const SessionRow& row = *order[i];
        const auto left = row.left(now);
        table.add({{format_countdown(left), style_of_left(left)},
                   {bar(left, row.total, bar_width, terminal.utf8), style_of_left(left)},
                   {row.id, Style::bold},
                   row.user,
                   row.place,
                   row.client,
                   format_bytes(row.bytes_from_client),
                   format_bytes(row.bytes_to_client),
                   {state_text(row), row.phase == "ending" ? Style::red : Style::plain}});
    }
    if (!table.empty()) picture += table.render(terminal);
    if (order.size() > room) {
        picture += terminal.styled(Style::dim, fmt::format("and {} more\n", order.size() - room));
    }
    return picture;
}

ExitCode watch_sessions(const Context& context) {
    return Watch{context}.run();
}

}  // namespace curfew::cli
