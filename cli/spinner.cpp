#include "cli/spinner.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include "cli/table.hpp"

namespace curfew::cli {

std::string spinner_frame(std::size_t tick, bool utf8) {
    static constexpr std::array<const char*, 10> dots{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    static constexpr std::array<const char*, 4> bars{"|", "/", "-", "\\"};
    return utf8 ? dots[tick % dots.size()] : bars[tick % bars.size()];
}

std::string draw_status(const std::vector<StatusLine>& lines, std::size_t before, const Terminal& terminal) {
    std::string text = "\r";
    if (before > 1) text += "\033[" + std::to_string(before - 1) + "A";
    text += "\033[J";
    // The last column stays free: some terminals wrap as soon as it is written to.
    const auto width = terminal.columns > 1 ? terminal.columns - 1 : 1;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) text += "\r\n";
        text += terminal.styled(lines[i].style, cut_to_width(lines[i].text, width));
    }
    return text;
}

void StatusBlock::show(std::vector<StatusLine> lines, const std::string& countdown) {
    if (!terminal_.is_terminal) {
        for (const auto& line : lines) {
            if (std::find(said_.begin(), said_.end(), line) == said_.end()) out_ << line.text << std::endl;
        }
        said_ = std::move(lines);
        return;
    }
    if (!lines.empty()) {
        auto& first = lines.front().text;
        first = spinner_frame(tick_++, terminal_.utf8) + " " + first;
        if (!countdown.empty()) first += "  " + countdown;
    }
    out_ << draw_status(lines, drawn_, terminal_) << std::flush;
    drawn_ = lines.size();
}

void StatusBlock::clear() {
    if (drawn_ == 0) return;
    out_ << draw_status({}, drawn_, terminal_) << std::flush;
    drawn_ = 0;
}

}  // namespace curfew::cli
