#include "cli/recordings.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <ostream>
#include <set>
#include <string_view>
#include <utility>

#include "base/counted.hpp"
#include "base/time_text.hpp"
#include "cli/instant_input.hpp"
#include "cli/json_access.hpp"
#include "cli/replay_view.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

void append_query(std::string& target, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    target.append(target.find('?') == std::string::npos ? "?" : "&");
    target.append(name).append("=").append(query_value(value));
}

Outcome<std::string> narrowed(std::string target, const RecordingFilter& filter, WallInstant now) {
    append_query(target, "user", filter.user);
    append_query(target, "resource", filter.resource);
    for (const auto& [name, typed] : {std::pair{"from", filter.since}, std::pair{"to", filter.until}}) {
        if (typed.empty()) continue;
        const auto instant = parse_past_instant(typed, now);
        if (!instant) return instant.error();
        append_query(target, name, format_utc(*instant));
    }
    return target;
}

std::string place_of(const boost::json::value& recording) {
    return text_of(recording, "resource") + "/" + text_of(recording, "database");
}

void print_hit(const Context& context, const boost::json::value& hit, WallInstant now) {
    if (context.json) {
        context.out << boost::json::serialize(hit) << '\n';
        return;
    }
    const auto& recording = member_of(hit, "recording");
    const auto& terminal = context.terminal;
    const recording::Offset at{number_of(hit, "at")};
    const auto time = format_instant(terminal, instant_of(hit, "time"), now);
    const auto found =
        text_of(hit, "before") + terminal.styled(Style::red, text_of(hit, "match")) + text_of(hit, "after");
    if (!terminal.is_terminal) {
        fmt::print(context.out, "{}\t{}\t{}\t{}\t{}\t{}\t{}\n", text_of(recording, "id"), time,
                   text_of(recording, "user"), place_of(recording), format_offset(at), text_of(hit, "member"),
                   found);
        return;
    }
    fmt::print(context.out, "{}  {}  {} on {}  {}\n    {}\n",
               terminal.styled(Style::bold, text_of(recording, "id")), time, text_of(recording, "user"),
               place_of(recording), terminal.styled(Style::dim, format_offset(at)), found);
}

// What an answer cannot tell of: on standard error, since it is no hit.
class Searched {
public:
    void add(const boost::json::value& page) {
        recordings_ += number_of(page, "recordings");
        missing_ += number_of(page, "missing");
        for (auto& node : texts_of(page, "elsewhere"))
            elsewhere_.insert(std::move(node));
    }
    void tell(const Context& context, std::size_t hits, bool more) const {
        auto text = fmt::format("{} found in {}", hits, counted(recordings_, "recording"));
        if (more) text += "; there may be more: --limit, or narrow it down";
        if (missing_ > 0) text += fmt::format("; {} are not kept any more, or cannot be read", missing_);
        if (!elsewhere_.empty())
            text += fmt::format("; not looked at, ask there: node {}",
                                joined({elsewhere_.begin(), elsewhere_.end()}));
        context.err << context.err_terminal.styled(Style::dim, text) << '\n';
    }

private:
    std::int64_t recordings_ = 0;
    std::int64_t missing_ = 0;
    std::set<std::string> elsewhere_;
};

}  // namespace

ExitCode list_recordings(const Context& context, const RecordingFilter& filter, std::size_t at_most) {
    const auto now = SystemClock{}.wall_now();
    const auto target = narrowed("/recordings", filter, now);
    if (!target) return report(context, target.error());
    const auto answer = context.client.get_all(*target, at_most);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    Table table{{"SESSION", "USER", "RESOURCE", "STARTED", "ENDED", "RECORDED", "SIZE", "NODE"}};
    for (const auto& recording : list_of(answer->document, "items")) {
        const bool live = text_of(recording, "state") != "ended";
        const auto size = number_of(recording, "bytes");
        table.add({{text_of(recording, "id"), Style::bold},
                   text_of(recording, "user"),
                   place_of(recording),
                   format_instant(context.terminal, instant_of(recording, "started_at"), now),
                   live ? Cell{text_of(recording, "state"), Style::green}
                        : Cell{format_instant(context.terminal, instant_of(recording, "ended_at"), now)},
                   text_of(recording, "mode"),
                   size > 0 ? format_bytes(static_cast<std::uint64_t>(size)) : "",
                   text_of(recording, "node")});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out
            << "No session that was recorded is like that. What is recorded, `recording` of a resource "
               "or a rule says.\n";
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode search_recordings(const Context& context, const SearchOptions& options) {
    const auto now = SystemClock{}.wall_now();
    std::string base = "/recordings/search";
    append_query(base, "q", options.text);
    if (options.regex) append_query(base, "regex", "true");
    if (options.case_sensitive) append_query(base, "case", "true");
    const auto target = narrowed(std::move(base), options.filter, now);
    if (!target) return report(context, target.error());
    Searched searched;
    std::size_t hits = 0;
    std::string after;
    do {
        auto page_target = *target;
        append_query(page_target, "limit",
                     std::to_string(std::min<std::size_t>(options.at_most - hits, 100)));
        append_query(page_target, "after", after);
        const auto answer = context.client.get(page_target);
        if (!answer) return report(context, answer.error());
        for (const auto& hit : list_of(answer->document, "items")) {
            print_hit(context, hit, now);
            ++hits;
        }
        context.out << std::flush;
        searched.add(answer->document);
        after = text_of(answer->document, "next");
    } while (!after.empty() && hits < options.at_most);
    searched.tell(context, hits, !after.empty());
    return hits > 0 ? ExitCode::ok : ExitCode::not_found;
}

}  // namespace curfew::cli
