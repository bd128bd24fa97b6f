#include "recording/cast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <chrono>
#include <variant>

#include "base/counted.hpp"
#include "base/text.hpp"
#include "recording/texts.hpp"

namespace curfew::recording {
namespace {

constexpr std::string_view end_of_line = "\r\n";
// Of one statement, value or message; who needs all of it reads the recording itself.
constexpr std::size_t longest_shown_statement = 64U << 10U;
constexpr std::size_t longest_shown_value = 200;

std::string dim(std::string_view text) {
    return fmt::format("\x1b[2m{}\x1b[0m{}", text, end_of_line);
}

std::string red(std::string_view text) {
    return fmt::format("\x1b[31m{}\x1b[0m{}", text, end_of_line);
}

std::string line_of(std::string_view text) {
    return fmt::format("{}{}", text, end_of_line);
}

// A cell of a table: as psql shows it, NULL being told apart.
std::string cell(const Value& value) {
    if (value.form != Value::Form::text) return text_of(value, longest_shown_value);
    std::string text = printable(value.bytes, longest_shown_value);
    if (value.size > value.bytes.size()) text += fmt::format("… ({} bytes)", value.size);
    return text;
}

std::string shown_copy(const entry::CopyStarted& copy) {
    using Direction = entry::CopyStarted::Direction;
    if (copy.direction == Direction::in) return dim("(COPY: data from the client)");
    if (copy.direction == Direction::out) return dim("(COPY: data to the client)");
    return dim("(COPY: data both ways)");
}

std::string shown_failed(const entry::Failed& failed) {
    std::string text =
        red(printable(fmt::format("{}:  {}: {}", failed.severity, failed.sqlstate, failed.message), 4000));
    if (!failed.detail.empty()) text += red("DETAIL:  " + printable(failed.detail, 4000));
    if (!failed.hint.empty()) text += red("HINT:  " + printable(failed.hint, 4000));
    return text;
}

std::string shown_ended(const entry::Ended& ended) {
    std::string text = dim(fmt::format("-- The session ended: {}. Its last transaction: {}.",
                                       policy::to_string(ended.cause), policy::to_string(ended.outcome)));
    if (!ended.why.empty()) text += dim("-- " + printable(ended.why, 1000));
    return text;
}

std::string shown_notice(const entry::Notice& notice) {
    return line_of(printable(fmt::format("{}:  {}", notice.severity, notice.message), 4000));
}

std::string note_of_what_is_missing(std::string_view sql, std::uint64_t size, bool redacted) {
    std::string note;
    if (redacted) note += dim("(parts of it are redacted)");
    if (size > sql.size()) note += dim(fmt::format("({} of its {} bytes)", sql.size(), size));
    return note;
}

}  // namespace

void CastExport::begin(const Entry& entry, std::string& out) {
    std::string title = "A session recorded by Curfew";
    std::int64_t timestamp = 0;
    if (const auto* started = std::get_if<entry::Started>(&entry.content)) {
        mode_ = started->mode;
        if (!started->database.empty()) database_ = printable(started->database, 63);
        title = printable(
            fmt::format("{} on {}, session {}", started->user, started->resource, started->session.text()),
            500);
        timestamp = std::chrono::floor<std::chrono::seconds>(started->at).time_since_epoch().count();
    }
    const boost::json::object header{{"version", 2},         {"width", size_.columns},
                                     {"height", size_.rows}, {"timestamp", timestamp},
                                     {"title", title},       {"env", {{"TERM", "xterm-256color"}}}};
    out += boost::json::serialize(header);
    out += '\n';
    begun_ = true;
}

// As psql: the database, a star in a transaction block, an exclamation mark in a failed one.
std::string CastExport::prompted(std::string_view sql, std::string_view parameters) const {
    const std::string_view state = status_ == 'T' ? "*" : status_ == 'E' ? "!" : "";
    std::string text;
    std::string_view sign = "=";
    for (const std::string& line : printable_lines_of(sql.substr(0, longest_shown_statement))) {
        text += fmt::format("\x1b[1m{}{}{}>\x1b[0m {}{}", database_, sign, state, line, end_of_line);
        sign = "-";
    }
    if (sql.size() > longest_shown_statement) text += dim("…");
    if (!parameters.empty()) text += dim(parameters);
    return text;
}

std::string CastExport::shown_query(const entry::Query& query) const {
    return prompted(query.sql, {}) + note_of_what_is_missing(query.sql, query.size, query.redacted);
}

std::string CastExport::shown_execute(const entry::Execute& execute) const {
    const Execution execution = statements_.of(execute);
    if (!execution.statement) {
        const std::string name = printable(execute.statement, 63);
        return prompted(fmt::format("(statement '{}', whose text is not in the recording)", name), {});
    }
    const entry::Parse& parse = *execution.statement;
    return prompted(parse.sql, text_of_parameters(execution.parameters)) +
           note_of_what_is_missing(parse.sql, parse.size, parse.redacted);
}

std::string CastExport::shown_columns(const entry::Columns& columns) const {
    std::string names;
    std::string rule;
    for (const std::string& name : columns.names) {
        const std::string shown_name = printable(name, 63);
        names += fmt::format("{} {} ", names.empty() ? "" : "|", shown_name);
        rule += (rule.empty() ? "" : "+") + std::string(shown_name.size() + 2, '-');
    }
    return line_of(names) + line_of(rule);
}

std::string CastExport::shown_row(const entry::Row& row) const {
    std::string text;
    for (const Value& value : row.values)
        text += fmt::format("{} {} ", text.empty() ? "" : "|", cell(value));
    return line_of(text);
}

std::string CastExport::shown(const entry::Content& content) {
    if (const auto* it = std::get_if<entry::Started>(&content)) {
        return dim(printable(fmt::format("-- {} on {}, database {}, as role {}, from {}", it->user,
                                         it->resource, it->database, it->login_role, it->client_address),
                             1000));
    }
    if (const auto* it = std::get_if<entry::Query>(&content)) return shown_query(*it);
    if (const auto* it = std::get_if<entry::Execute>(&content)) return shown_execute(*it);
    if (const auto* it = std::get_if<entry::FunctionCall>(&content)) {
        return prompted(fmt::format("(function {} called)", it->function), text_of_parameters(it->arguments));
    }
    if (std::holds_alternative<entry::CancelAsked>(content)) return line_of("^C");
    if (const auto* it = std::get_if<entry::Columns>(&content)) return shown_columns(*it);
    if (const auto* it = std::get_if<entry::Row>(&content)) return shown_row(*it);
    if (const auto* it = std::get_if<entry::CopyStarted>(&content)) return shown_copy(*it);
    if (const auto* it = std::get_if<entry::CopyEnded>(&content))
        return dim(fmt::format("({} in {})", counted(it->bytes, "byte"), counted(it->messages, "message")));
    if (const auto* it = std::get_if<entry::Completed>(&content))
        return line_of(text_of(*it, mode_)) + dim("Time: " + text_of_time(it->took));
    if (const auto* it = std::get_if<entry::Failed>(&content)) return shown_failed(*it);
    if (const auto* it = std::get_if<entry::Notice>(&content)) return shown_notice(*it);
    if (const auto* it = std::get_if<entry::Notified>(&content)) {
        return line_of(printable(fmt::format("Asynchronous notification \"{}\" with payload \"{}\" received.",
                                             it->channel, it->payload),
                                 1000));
    }
    if (const auto* it = std::get_if<entry::Gap>(&content))
        return red(printable(fmt::format("-- NOT RECORDED: {} ({} bytes)", it->what, it->bytes), 1000));
    if (const auto* it = std::get_if<entry::Ended>(&content)) return shown_ended(*it);
    return {};
}

void CastExport::add(const Entry& entry, std::string& out) {
    if (!begun_) begin(entry, out);
    statements_.see(entry);
    if (const auto* ready = std::get_if<entry::Ready>(&entry.content)) status_ = ready->status;
    const std::string text = shown(entry.content);
    if (text.empty()) return;
    latest_ = std::max(latest_, entry.at);  // players expect times that do not fall
    const auto microseconds = latest_.count();
    out += fmt::format("[{}.{:06}, \"o\", {}]\n", microseconds / 1'000'000, microseconds % 1'000'000,
                       boost::json::serialize(boost::json::string{text}));
}

}  // namespace curfew::recording
