// Rows in columns: aligned for people, tab-separated for programs.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"

namespace curfew::cli {

struct Cell {
    Cell(std::string text_, Style style_ = Style::plain) : text{std::move(text_)}, style{style_} {}
    Cell(const char* text_) : text{text_} {}

    std::string text;
    Style style = Style::plain;
};

class Table {
public:
    explicit Table(std::vector<std::string> header) : header_{std::move(header)} {}

    void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
    bool empty() const noexcept { return rows_.empty(); }

    // On a terminal: a header and aligned columns, each line cut at the terminal's width. Elsewhere: one line
    // a row, cells separated by tabs, empty cells as `-`, neither header nor colour.
    std::string render(const Terminal& terminal) const;

private:
    std::string render_aligned(const Terminal& terminal) const;
    std::string render_tab_separated() const;

    std::vector<std::string> header_;
    std::vector<std::vector<Cell>> rows_;
};

// How many characters `text` (UTF-8) takes on a terminal, one column each.
std::size_t display_width(std::string_view text);
// The first `width` characters of `text`, ending in an ellipsis where it was cut.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace curfew::cli
