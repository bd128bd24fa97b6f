#include "notify/mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace curfew::notify {
namespace {

// RFC 2047, section 2.
constexpr std::size_t longest_line = 76;
constexpr std::size_t longest_word = 75;
constexpr std::string_view word_begins = "=?UTF-8?B?";
constexpr std::string_view word_ends = "?=";
constexpr std::size_t longest_subject = 300;

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char byte) { return byte >= 0x20 && byte < 0x7f; });
}

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

// At most `most` bytes of `text` from its beginning, whole characters of UTF-8.
std::string_view whole_characters(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    std::size_t length = most;
    while (length > 0 && continues_character(text[length]))
        --length;
    return text.substr(0, length);
}

std::string html_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

constexpr std::string_view signature =
    "Curfew sends this by itself. Nobody reads an answer. Opening the link decides nothing.";

constexpr std::string_view rest_of_sql = "… and more: only the beginning is here.";

// The lines of SQL, each set in so that it cannot be taken for one of the mail's own.
std::string indented(std::string_view sql) {
    std::string text;
    while (true) {
        const auto end = sql.find('\n');
        text += fmt::format("    {}\r\n", sql.substr(0, end));
        if (end == std::string_view::npos) return text;
        sql.remove_prefix(end + 1);
    }
}

std::string sql_as_text(const NoticeText& notice) {
    if (notice.sql.empty()) return {};
    std::string text = "\r\n" + indented(notice.sql);
    if (!notice.sql_is_whole) text += fmt::format("{}\r\n", rest_of_sql);
    return text;
}

std::string sql_as_html(const NoticeText& notice) {
    if (notice.sql.empty()) return {};
    std::string html =
        fmt::format("<pre style=\"background:#f0f0f0;padding:.6em;unicode-bidi:bidi-override\">{}</pre>\r\n",
                    html_escaped(notice.sql));
    if (!notice.sql_is_whole) html += fmt::format("<p>{}</p>\r\n", rest_of_sql);
    return html;
}

std::string plain_text(const NoticeText& notice) {
    std::string text = notice.title + "\r\n\r\n";
    for (const NoticeText::Line& line : notice.lines)
        text += fmt::format("{}: {}\r\n", line.label, line.value);
    text += sql_as_text(notice);
    if (!notice.what_to_do.empty()) text += "\r\n" + notice.what_to_do + "\r\n";
    if (!notice.link.empty()) text += "\r\n" + notice.link + "\r\n";
    if (!notice.command.empty()) text += "\r\n    " + notice.command + "\r\n";
    return text + fmt::format("\r\n-- \r\n{}\r\n", signature);
}

std::string html_text(const NoticeText& notice) {
    std::string html = fmt::format(
        "<!DOCTYPE html>\r\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\r\n"
        "<body style=\"font-family:sans-serif\">\r\n<h1 style=\"font-size:1.2em\">{0}</h1>\r\n<table>\r\n",
        html_escaped(notice.title));
    for (const NoticeText::Line& line : notice.lines) {
        html += fmt::format(
            "<tr><th "
            "style=\"text-align:left;vertical-align:top;padding-right:1em\">{}</th><td>{}</td></tr>\r\n",
            html_escaped(line.label), html_escaped(line.value));
    }
    html += "</table>\r\n" + sql_as_html(notice);
    if (!notice.what_to_do.empty()) html += fmt::format("<p>{}</p>\r\n", html_escaped(notice.what_to_do));
    if (!notice.link.empty())
        html += fmt::format("<p><a href=\"{0}\">Open the request</a></p>\r\n", html_escaped(notice.link));
    if (!notice.command.empty())
        html += fmt::format("<p><code>{}</code></p>\r\n", html_escaped(notice.command));
    return html +
           fmt::format("<p style=\"color:#666;font-size:.9em\">{}</p>\r\n</body></html>\r\n", signature);
}

}  // namespace

bool is_plain_address(std::string_view address) {
    const auto at = address.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
           address.find('@', at + 1) == std::string_view::npos && is_printable_ascii(address) &&
           address.find_first_of(" <>,;:\"()[]\\") == std::string_view::npos;
}

std::string_view domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view{} : address.substr(at + 1);
}

std::string encoded_header(std::string_view text, std::size_t used) {
    // What looks like an encoded word would be read as one.
    const bool is_plain = is_printable_ascii(text) && text.find("=?") == std::string_view::npos;
    if (is_plain && used + text.size() <= longest_line) return std::string{text};
    std::string encoded;
    std::size_t room = std::min(longest_word, longest_line - std::min(used, longest_line / 2));
    while (!text.empty()) {
        const std::size_t bytes = (room - word_begins.size() - word_ends.size()) / 4 * 3;
        const std::string_view part = whole_characters(text, bytes);
        if (!encoded.empty()) encoded += "\r\n ";
        encoded += fmt::format("{}{}{}", word_begins, encode_base64(part), word_ends);
        text.remove_prefix(part.size());
        room = longest_word;
    }
    return encoded;
}

std::string mail_date(WallInstant instant) {
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(instant - day)};
    return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000",
                       days.at(std::chrono::weekday{day}.c_encoding()), static_cast<unsigned>(date.day()),
                       months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

Mail mail_of(const NoticeText& text, std::string_view from, std::string_view to, std::string_view id,
             std::string_view subject, WallInstant now) {
    const std::string domain{domain_of(from)};
    const std::string thread = fmt::format("<{}@{}>", subject, domain);
    Mail mail;
    mail.from = from;
    mail.to = to;
    mail.headers = {{"Date", mail_date(now)},
                    {"From", fmt::format("Curfew <{}>", from)},
                    {"To", fmt::format("<{}>", to)},
                    {"Subject", encoded_header(printable(text.title, longest_subject),
                                               std::string_view{"Subject: "}.size())},
                    {"Message-ID", fmt::format("<{}@{}>", id, domain)},
                    // Of a mail that never was: so all of them are answers to the same, whoever got which.
                    {"In-Reply-To", thread},
                    {"References", thread},
                    {"Auto-Submitted", "auto-generated"},
                    {"X-Auto-Response-Suppress", "All"}};
    mail.text = plain_text(text);
    mail.html = html_text(text);
    return mail;
}

}  // namespace curfew::notify
