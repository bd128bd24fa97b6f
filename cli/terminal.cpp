#include "cli/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>

namespace curfew::cli {
namespace {

std::string_view code_of(Style style) {
    switch (style) {
        case Style::plain:
            return "";
        case Style::bold:
            return "\033[1m";
        case Style::dim:
            return "\033[2m";
        case Style::green:
            return "\033[32m";
        case Style::yellow:
            return "\033[33m";
        case Style::red:
            return "\033[31m";
        case Style::cyan:
            return "\033[36m";
    }
    return "";
}

bool wants_no_color() {
    const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nothing sets it
    const char* term = std::getenv("TERM");          // NOLINT(concurrency-mt-unsafe)
    return (no_color != nullptr && *no_color != '\0') || term == nullptr || std::string_view{term} == "dumb";
}

}  // namespace

std::string Terminal::styled(Style style, std::string_view text) const {
    if (!color || style == Style::plain) return std::string{text};
    return std::string{code_of(style)}.append(text).append("\033[0m");
}

Terminal look_at_terminal(bool allow_color, int descriptor) {
    Terminal terminal;
    terminal.is_terminal = ::isatty(descriptor) == 1;
    terminal.color = terminal.is_terminal && allow_color && !wants_no_color();
    // NOLINTBEGIN(concurrency-mt-unsafe): this program has one thread
    (void)std::setlocale(LC_CTYPE, "");  // an unknown locale leaves the one of C, without UTF-8
    terminal.utf8 = std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
    // NOLINTEND(concurrency-mt-unsafe)
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        terminal.columns = size.ws_col;
        terminal.rows = size.ws_row;
    }
    return terminal;
}

}  // namespace curfew::cli
