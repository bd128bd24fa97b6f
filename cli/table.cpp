#include "cli/table.hpp"

#include <algorithm>

namespace curfew::cli {
namespace {

constexpr std::size_t gap = 2;

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    return text.size() -
           static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string{text};
    if (width == 0) return {};
    std::size_t end = 0;
    for (std::size_t characters = 0; end < text.size(); ++end) {
        if (!continues_character(text[end]) && ++characters == width) break;
    }
    return std::string{text.substr(0, end)} + "…";
}

std::string Table::render(const Terminal& terminal) const {
    return terminal.is_terminal ? render_aligned(terminal) : render_tab_separated();
}

std::string Table::render_aligned(const Terminal& terminal) const {
    std::vector<std::vector<Cell>> lines;
    auto& header = lines.emplace_back();
    for (const auto& name : header_)
        header.emplace_back(name, Style::dim);
    lines.insert(lines.end(), rows_.begin(), rows_.end());

    std::vector<std::size_t> widths(header_.size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], display_width(line[i].text));
    }
    std::string text;
    for (const auto& line : lines) {
        std::size_t room = terminal.columns;
        for (std::size_t i = 0; i < line.size() && room > 0; ++i) {
            const auto shown = cut_to_width(line[i].text, room);
            text += terminal.styled(line[i].style, shown);
            const auto width = display_width(shown);
            room -= width;
            const bool last = i + 1 == line.size();
            const auto padding = last ? 0 : std::min(room, widths[i] - std::min(widths[i], width) + gap);
            text.append(padding, ' ');
            room -= padding;
        }
        text += '\n';
    }
    return text;
}

std::string Table::render_tab_separated() const {
    std::string text;
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) text += '\t';
            text += row[i].text.empty() ? "-" : row[i].text;
        }
        text += '\n';
    }
    return text;
}

}  // namespace curfew::cli
