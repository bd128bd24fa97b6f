#include "cli/watch.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <ostream>
#include <utility>

#include "base/time_text.hpp"
#include "cli/event_stream.hpp"
#include "cli/session_changes.hpp"
#include "cli/signals.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;

constexpr const char* events_target = "/events";
constexpr std::size_t bar_width = 20;
constexpr auto retry_after = 1s;

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

class Watch {
public:
    explicit Watch(const Context& context) : context_{context} {}

    ExitCode run();

private:
    // False once the person has had enough.
    bool take_signals();
    // False where it is over: failure_ says why.
    bool follow();
    void take(const ServerEvent& event);
    void print_changes(const std::vector<SessionRow>& now);
    void draw();

    const Context& context_;
    const SystemClock clock_;
    Signals signals_{SIGINT, SIGTERM, SIGWINCH};
    std::optional<EventStream> stream_;
    std::optional<Screen> screen_;
    std::vector<SessionRow> rows_;
    std::string trouble_;
    std::chrono::steady_clock::time_point next_tick_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point retry_at_{};
    std::optional<Failure> failure_;
};

ExitCode Watch::run() {
    do {
        if (!follow()) {
            screen_.reset();
            return report(context_, *failure_);
        }
        if (screen_ && std::chrono::steady_clock::now() >= next_tick_) {
            next_tick_ += 1s;
            draw();
        }
    } while (take_signals());
    return ExitCode::ok;
}

bool Watch::take_signals() {
    while (const auto signal = signals_.next()) {
        if (*signal != SIGWINCH) return false;
        if (screen_) draw();
    }
    return true;
}

bool Watch::follow() {
    const auto now = std::chrono::steady_clock::now();
    if (!stream_ && now >= retry_at_) stream_.emplace(context_.client.server(), events_target);
    if (!stream_) {
        pollfd wait{signals_.descriptor(), POLLIN, 0};
        const auto until = std::min(next_tick_, retry_at_);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
        ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        return true;
    }
    stream_->wait(signals_.descriptor(), screen_ ? next_tick_ : now + 1h);
    if (stream_->connected()) {
        trouble_.clear();
        if (!screen_ && context_.terminal.is_terminal && !context_.json) {
            screen_.emplace(context_.out);
            next_tick_ = std::chrono::steady_clock::now();
        }
    }
    for (const auto& event : stream_->take())
        take(event);
    if (!stream_->failure()) return true;
    if (!screen_) {
        failure_ = stream_->failure();
        return false;
    }
    trouble_ = stream_->failure()->message;
    retry_at_ = std::chrono::steady_clock::now() + retry_after;
    stream_.reset();
    draw();
    return true;
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
    std::vector<SessionRow> all = rows_;
    all.insert(all.end(), now.begin(), now.end());
    const auto node = are_of_several_nodes(all) ? NameNode::yes : NameNode::no;
    for (const auto& change : session_changes(rows_, now))
        context_.out << time << "  " << describe(change, clock_.boot_now(), node) << '\n';
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
    std::vector<std::string> header{"LEFT",   "",   "SESSION", "USER", "RESOURCE",
                                    "CLIENT", "IN", "OUT",     "STATE"};
    const bool show_node = are_of_several_nodes(rows);
    if (show_node) header.emplace_back("NODE");
    // Last, since it is cut where the line ends.
    const bool show_statement =
        std::any_of(rows.begin(), rows.end(), [](const SessionRow& row) { return !row.statement.empty(); });
    if (show_statement) header.emplace_back("STATEMENT");
    Table table{std::move(header)};
    for (std::size_t i = 0; i < std::min(room, order.size()); ++i) {
        const SessionRow& row = *order[i];
        const auto left = row.left(now);
        std::vector<Cell> cells{{format_countdown(left), style_of_left(left)},
                                {bar(left, row.total, bar_width, terminal.utf8), style_of_left(left)},
                                {row.id, Style::bold},
                                row.user,
                                row.place,
                                row.client,
                                bytes_text(row.bytes_from_client),
                                bytes_text(row.bytes_to_client),
                                {state_text(row), row.phase == "ending" ? Style::red : Style::plain}};
        if (show_node) cells.emplace_back(row.node);
        if (show_statement) cells.emplace_back(row.statement);
        table.add(std::move(cells));
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
