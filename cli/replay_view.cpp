#include "cli/replay_view.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <variant>

#include "base/counted.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/output.hpp"
#include "recording/texts.hpp"

namespace curfew::cli {

using recording::Offset;
namespace entry = recording::entry;

namespace {

constexpr std::size_t offset_width = 12;
constexpr std::size_t longest_message = 4'000;
constexpr std::size_t longest_value = 200;

std::string_view said(entry::CopyStarted::Direction direction) {
    switch (direction) {
        case entry::CopyStarted::Direction::in:
            return "from the client";
        case entry::CopyStarted::Direction::out:
            return "to the client";
        case entry::CopyStarted::Direction::both:
            return "both ways";
    }
    return "";
}

std::string cell(const recording::Value& value) {
    using Form = recording::Value::Form;
    if (value.form != Form::text) return recording::text_of(value, longest_value);
    auto text = printable(value.bytes, longest_value);
    if (value.size > value.bytes.size()) text += fmt::format("… ({} bytes)", value.size);
    return text;
}

}  // namespace

// A function for each kind.
struct ReplayLines {
    ReplayView& view;
    Offset at;

    std::string operator()(const entry::Started& it) const {
        view.mode_ = it.mode;
        const auto first = fmt::format(
            "Session {} of {} on {}{}{}, under {}", it.session.text(), printable(it.user),
            printable(it.resource), it.database.empty() ? "" : "/", printable(it.database), it.grant.text());
        auto text = view.terminal_.styled(Style::bold, first) + "\n";
        text += view.terminal_.styled(
                    Style::dim,
                    fmt::format("from {}, in PostgreSQL {} (pid {}), on node {}; begun {}; recorded: {}",
                                printable(it.client_address), printable(it.login_role), it.backend_pid,
                                printable(it.node), format_local(it.at), policy::to_string(it.mode))) +
                "\n";
        return text;
    }
    std::string operator()(const entry::Query& it) const {
        return view.statement(at, it.sql, it.size, it.redacted);
    }
    std::string operator()(const entry::Parse& it) const {
        auto text = view.prepared(at);
        view.parsed_ = it;
        return text;
    }
    std::string operator()(const entry::Bind&) const { return {}; }
    std::string operator()(const entry::Execute& it) const {
        if (view.parsed_ && view.parsed_->statement == it.statement) view.parsed_.reset();
        const auto execution = view.book_.of(it);
        auto text = view.prepared(at);
        if (execution.statement) {
            const auto& parse = *execution.statement;
            text += view.statement(at, parse.sql, parse.size, parse.redacted);
        } else {
            text += view.line(
                at, Style::cyan,
                fmt::format("(statement '{}', whose text is not in the recording)", printable(it.statement)));
        }
        return text + view.parameters(execution.parameters);
    }
    std::string operator()(const entry::FunctionCall& it) const {
        return view.line(at, Style::cyan, fmt::format("(call of function {})", it.function)) +
               view.parameters(it.arguments);
    }
    std::string operator()(const entry::CancelAsked&) const {
        return view.line(at, Style::yellow, "(the client asks to cancel)");
    }
    std::string operator()(const entry::Columns& it) const {
        std::string names;
        for (const auto& name : it.names)
            names += fmt::format("{}{}", names.empty() ? "" : " | ", printable(name, 63));
        return view.more(Style::bold, names);
    }
    std::string operator()(const entry::Row& it) const {
        std::string values;
        bool first = true;
        for (const auto& value : it.values) {
            values += (first ? "" : " | ") + cell(value);
            first = false;
        }
        return view.more(Style::plain, values);
    }
    std::string operator()(const entry::CopyStarted& it) const {
        return view.more(Style::dim, fmt::format("COPY: data {}", said(it.direction)));
    }
    std::string operator()(const entry::CopyEnded& it) const {
        auto text = fmt::format("COPY: {} in {} {}", format_bytes(it.bytes), counted(it.messages, "message"),
                                said(it.direction));
        if (it.failed.empty()) return view.more(Style::dim, text);
        return view.more(Style::yellow,
                         fmt::format("{}; the client gave up: {}", text, printable(it.failed)));
    }
    std::string operator()(const entry::Completed& it) const {
        return view.more(Style::green, fmt::format("{}, {}", recording::text_of(it, view.mode_),
                                                   recording::text_of_time(it.took)));
    }
    std::string operator()(const entry::Failed& it) const {
        auto text = view.prepared(at);
        text += view.more(Style::red, fmt::format("{} {}: {} ({})", it.severity, it.sqlstate, it.message,
                                                  recording::text_of_time(it.took)));
        if (!it.detail.empty()) text += view.more(Style::red, "  DETAIL: " + it.detail);
        if (!it.hint.empty()) text += view.more(Style::red, "  HINT: " + it.hint);
        return text;
    }
    std::string operator()(const entry::Notice& it) const {
        return view.line(at, Style::yellow,
                         fmt::format("{}{}: {}", it.by_curfew ? "Curfew's " : "", it.severity, it.message));
    }
    std::string operator()(const entry::Notified& it) const {
        return view.line(at, Style::dim, fmt::format("NOTIFY {}: {}", it.channel, it.payload));
    }
    std::string operator()(const entry::ParameterChanged& it) const {
        return view.more(Style::dim, fmt::format("({} is now {})", it.name, it.value));
    }
    std::string operator()(const entry::Ready& it) const {
        auto text = view.prepared(at);
        if (it.status == view.status_) return text;
        view.status_ = it.status;
        const auto* now = it.status == 'T'   ? "(in a transaction)"
                          : it.status == 'E' ? "(in a failed transaction)"
                                             : "(no transaction is open any more)";
        return text + view.more(Style::dim, now);
    }
    std::string operator()(const entry::Gap& it) const {
        return view.line(at, Style::yellow,
                         fmt::format("(not recorded: {}, {})", it.what, format_bytes(it.bytes)));
    }
    std::string operator()(const entry::Ended& it) const {
        auto text = view.prepared(at);
        text += view.line(at, Style::bold,
                          fmt::format("The session ended: {}; its last transaction: {}",
                                      policy::to_string(it.cause), policy::to_string(it.outcome)));
        if (!it.why.empty()) text += view.more(Style::dim, it.why);
        return text;
    }
};

std::string ReplayView::show(const recording::Entry& entry) {
    book_.see(entry);
    return std::visit(ReplayLines{*this, entry.at}, entry.content);
}

std::string ReplayView::line(Offset at, Style style, std::string_view text) const {
    const auto offset = format_offset(at);
    auto shown = terminal_.styled(Style::dim, offset) +
                 std::string(offset.size() < offset_width ? offset_width - offset.size() : 1, ' ');
    bool first = true;
    for (const auto& one : recording::printable_lines_of(text)) {
        if (!first) shown.append(offset_width, ' ');
        shown += terminal_.styled(style, one) + "\n";
        first = false;
    }
    return first ? shown + "\n" : shown;
}

std::string ReplayView::more(Style style, std::string_view text) const {
    std::string shown;
    for (const auto& one : recording::printable_lines_of(text.substr(0, longest_message * 16)))
        shown += std::string(offset_width + 2, ' ') + terminal_.styled(style, one) + "\n";
    return shown;
}

std::string ReplayView::statement(Offset at, std::string_view sql, std::uint64_t size, bool redacted) const {
    auto text = line(at, Style::cyan, sql.empty() ? "(an empty statement)" : sql);
    if (redacted) text += more(Style::dim, "(parts of it are redacted)");
    if (size > sql.size()) text += more(Style::dim, fmt::format("({} of its {} bytes)", sql.size(), size));
    return text;
}

std::string ReplayView::parameters(const std::vector<recording::Value>& values) const {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i)
        text += more(Style::plain, fmt::format("${} = {}", i + 1, recording::text_of(values[i])));
    return text;
}

std::string ReplayView::prepared(Offset at) {
    if (!parsed_) return {};
    const auto parse = *std::exchange(parsed_, std::nullopt);
    const auto name = parse.statement.empty() ? "" : " " + printable(parse.statement);
    return line(at, Style::dim, fmt::format("(prepared{}) {}", name, parse.sql));
}

std::string format_offset(Offset at) {
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(at).count();
    const auto seconds = milliseconds / 1000;
    const auto tail = fmt::format("{:02}:{:02}.{:03}", seconds / 60 % 60, seconds % 60, milliseconds % 1000);
    return seconds < 3600 ? tail : fmt::format("{}:{}", seconds / 3600, tail);
}

std::string describe(const recording::Integrity& integrity, std::uint64_t entries, std::string_view hash) {
    auto text = fmt::format("The recording is {}: {} entries, hash {}", to_string(integrity.condition),
                            entries, printable(hash, 64));
    if (!integrity.what.empty()) text += fmt::format("; {}", printable(integrity.what));
    if (integrity.lost_bytes > 0) text += fmt::format(" ({} lost)", format_bytes(integrity.lost_bytes));
    return text;
}

}  // namespace curfew::cli
