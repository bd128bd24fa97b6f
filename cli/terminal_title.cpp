#include "cli/terminal_title.hpp"

#include <cstdlib>
#include <ostream>

#include "base/text.hpp"

namespace curfew::cli {
namespace {

bool terminal_has_title() {
    const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nothing sets it
    const std::string_view name = term == nullptr ? "" : term;
    return !name.empty() && name != "dumb" && name != "linux";
}

}  // namespace

std::string title_escape(std::string_view text) {
    return "\033]2;" + printable(text, 200) + "\007";
}

TerminalTitle::TerminalTitle(std::ostream& out, const Terminal& terminal)
    : out_{out}, has_title_{terminal.is_terminal && terminal_has_title()} {
    // xterm's stack of titles; terminals that have none pass over it.
    if (has_title_) out_ << "\033[22;2t" << std::flush;
}

TerminalTitle::~TerminalTitle() {
    if (has_title_) out_ << title_escape("") << "\033[23;2t" << std::flush;
}

void TerminalTitle::show(const std::string& text) {
    if (!has_title_ || text == shown_) return;
    shown_ = text;
    out_ << title_escape(text) << std::flush;
}

}  // namespace curfew::cli
