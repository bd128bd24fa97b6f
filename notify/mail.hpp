// A mail as it goes to a mail server: RFC 5322, with text that no header can be made of. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "notify/texts.hpp"

namespace curfew::notify {

struct Mail {
    std::string from;  // addresses
    std::string to;
    std::vector<std::pair<std::string, std::string>> headers;  // each on lines of at most 76 characters
    std::string text;                                          // both in UTF-8
    std::string html;
};

// `id`: of the delivery; its Message-ID is the same whenever it is sent. What is about one `subject` is one
// thread.
Mail mail_of(const NoticeText& text, std::string_view from, std::string_view to, std::string_view id,
             std::string_view subject, WallInstant now);

// Whether it can be written into an envelope and a header as it is: printable ASCII, no blanks, one `@`.
bool is_plain_address(std::string_view address);
// The part behind the `@`.
std::string_view domain_of(std::string_view address);

// `text` as an unstructured header's value: as it is where it is short and ASCII, else in encoded words of
// UTF-8 (RFC 2047), folded. `used`: how many characters of the first line are taken.
std::string encoded_header(std::string_view text, std::size_t used);
// `Tue, 24 Nov 2026 14:05:00 +0000`.
std::string mail_date(WallInstant instant);

}  // namespace curfew::notify
