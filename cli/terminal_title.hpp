// The title of the terminal's window.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "cli/terminal.hpp"

namespace curfew::cli {

// OSC 2 with `text`, made printable: nothing in it can end the escape early.
std::string title_escape(std::string_view text);

// Sets the title while it lives, and gives the terminal its own back. Does nothing where there is no
// terminal, or one that has no title (TERM=dumb, the Linux console).
class TerminalTitle {
public:
    TerminalTitle(std::ostream& out, const Terminal& terminal);
    ~TerminalTitle();
    TerminalTitle(const TerminalTitle&) = delete;
    TerminalTitle& operator=(const TerminalTitle&) = delete;

    void show(const std::string& text);

private:
    std::ostream& out_;
    bool has_title_;
    std::string shown_;
};

}  // namespace curfew::cli
