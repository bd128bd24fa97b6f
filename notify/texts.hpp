// What a notice says, for people: the same words in a mail, in a card and in a chat. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "notify/notice.hpp"

namespace curfew::notify {

// Everything in it is printable, whoever wrote it, and but for `sql` one line; none of it is marked up yet.
// Never a secret, but what somebody wrote into a command.
struct NoticeText {
    struct Line {
        std::string label;  // `Reason`
        std::string value;
    };

    std::string title;  // `alice asks for prod-postgres for 2h`
    std::vector<Line> lines;
    std::string sql;           // of a command: lines, exactly what would run; empty: there is none
    bool sql_is_whole = true;  // false: only the beginning is there
    std::string what_to_do;    // a sentence; may be empty
    std::string link;          // to the request in the page; empty: there is none
    std::string command;       // to be typed; empty: there is nothing to be done
};

NoticeText text_of(const Notice& notice, const Facts& facts, const Surroundings& surroundings);

// `2026-11-24 14:05:00 UTC`.
std::string readable_utc(WallInstant instant);
// The page of a request; empty where nobody knows the page's address, or a grant has no request.
std::string link_to(const Facts& facts, const Surroundings& surroundings);
// Why a request was rejected or a grant has ended, in one sentence: by whom, and what they said.
std::string why_rejected(const policy::Request& request, const Surroundings& surroundings);
std::string why_ended(const Facts& facts, const Surroundings& surroundings);

}  // namespace curfew::notify
