#include "recording/sql_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "base/counted.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "recording/texts.hpp"

namespace curfew::recording {
namespace {

// Of what has no outcome yet; beyond it is written without.
constexpr std::size_t most_pending_bytes = 16U << 20U;
constexpr std::size_t most_pending = 10'000;

std::string why_not_whole(std::string_view sql, std::uint64_t size, bool redacted) {
    if (redacted) return "parts of it are redacted";
    if (size > sql.size()) return fmt::format("only {} of its {} bytes are recorded", sql.size(), size);
    return {};
}

void append_commented_out(std::string& out, std::string_view sql) {
    for (const std::string& line : printable_lines_of(sql))
        out += "-- " + line + "\n";
}

// With the semicolon that ends it, which a comment in the statement must not swallow.
void append_statement(std::string& out, std::string_view sql) {
    while (!sql.empty() && (sql.back() == '\n' || sql.back() == ' ' || sql.back() == '\r'))
        sql.remove_suffix(1);
    out += sql;
    const bool has_comment = sql.find("--") != std::string_view::npos;
    if (has_comment)
        out += "\n;";
    else if (!sql.ends_with(';'))
        out += ';';
    out += '\n';
}

std::string copy_text(const entry::CopyEnded& copy) {
    const std::string_view direction = copy.direction == entry::CopyStarted::Direction::out ? "out" : "in";
    std::string text = fmt::format("COPY {} of {} in {}", direction, counted(copy.bytes, "byte"),
                                   counted(copy.messages, "message"));
    if (!copy.failed.empty()) text += ", which the client ended: " + copy.failed;
    return text;
}

}  // namespace

std::string SqlExport::time_of(Offset at) const {
    return format_utc(began_ + std::chrono::floor<std::chrono::milliseconds>(at));
}

void SqlExport::comment(Offset at, std::string_view text, std::string& out) const {
    out += fmt::format("-- {}: {}\n", time_of(at), printable(text, 4000));
}

void SqlExport::start(const entry::Started& started, std::string& out) {
    began_ = started.at;
    mode_ = started.mode;
    out += printable(fmt::format("-- Session {} of {} on {}: database {}, as role {}, from {}",
                                 started.session.text(), started.user, started.resource, started.database,
                                 started.login_role, started.client_address),
                     4000);
    out += fmt::format(
        "\n-- Recorded by Curfew from {} on, under grant {}.\n"
        "-- Statements that failed, or cannot be run as they stand here, are commented out. Parameters ($1) "
        "stand in the\n-- comment before their statement.\n",
        format_utc(started.at), started.grant.text());
}

void SqlExport::ask(Pending pending, std::string& out) {
    pending_bytes_ += pending.sql.size() + pending.parameters.size();
    pending_.push_back(std::move(pending));
    while (pending_bytes_ > most_pending_bytes || pending_.size() > most_pending)
        write_front(out);
}

void SqlExport::ask_query(const Entry& entry, const entry::Query& query, std::string& out) {
    Pending pending;
    pending.at = entry.at;
    pending.sql = query.sql;
    pending.why_not = why_not_whole(query.sql, query.size, query.redacted);
    pending.is_query = true;
    ask(std::move(pending), out);
}

void SqlExport::ask_execute(const Entry& entry, const entry::Execute& execute, std::string& out) {
    const Execution execution = statements_.of(execute);
    Pending pending;
    pending.at = entry.at;
    pending.parameters = text_of_parameters(execution.parameters);
    if (execution.statement) {
        pending.sql = execution.statement->sql;
        pending.why_not =
            why_not_whole(pending.sql, execution.statement->size, execution.statement->redacted);
    } else {
        pending.sql = fmt::format("(statement '{}')", execute.statement);
        pending.why_not = "its text is not in the recording";
    }
    only_parsed_.reset();
    ask(std::move(pending), out);
}

// What was asked for then. What was asked for before it was passed over by PostgreSQL, as it does after an
// error up to the next Sync.
SqlExport::Pending* SqlExport::answered(Offset asked, std::string& out) {
    const bool known = std::any_of(pending_.begin(), pending_.end(),
                                   [&](const Pending& pending) { return pending.at == asked; });
    while (known && pending_.front().at != asked) {
        if (pending_.front().outcomes.empty()) pending_.front().outcomes = "not run";
        if (pending_.front().why_not.empty() && pending_.front().outcomes == "not run")
            pending_.front().why_not = "PostgreSQL passed over it after an error";
        write_front(out);
    }
    return pending_.empty() ? nullptr : &pending_.front();
}

void SqlExport::complete(const Entry& entry, const entry::Completed& completed, std::string& out) {
    Pending* pending = answered(entry.at - completed.took, out);
    const std::string text = fmt::format("{}, {}", text_of(completed, mode_), text_of_time(completed.took));
    if (pending == nullptr) return comment(entry.at, text, out);
    pending->outcomes += (pending->outcomes.empty() ? "" : "; ") + text;
    if (!pending->is_query) write_front(out);
}

void SqlExport::fail(const Entry& entry, const entry::Failed& failed, std::string& out) {
    Pending* pending = answered(entry.at - failed.took, out);
    const std::string text = fmt::format("failed after {}: {}", text_of_time(failed.took), text_of(failed));
    if (pending == nullptr) {
        comment(entry.at, text, out);
        if (only_parsed_) append_commented_out(out, only_parsed_->sql);
        only_parsed_.reset();
        return;
    }
    pending->outcomes += (pending->outcomes.empty() ? "" : "; ") + text;
    pending->why_not = "it failed";
    if (!pending->is_query) write_front(out);
}

void SqlExport::ready(std::string& out) {
    only_parsed_.reset();
    if (!pending_.empty() && pending_.front().is_query) write_front(out);
}

void SqlExport::write_front(std::string& out) {
    Pending pending = std::move(pending_.front());
    pending_.pop_front();
    pending_bytes_ -= std::min(pending_bytes_, pending.sql.size() + pending.parameters.size());
    if (pending.outcomes.empty()) {
        pending.outcomes = "what became of it is not known";
        if (pending.why_not.empty()) pending.why_not = "what became of it is not known";
    }
    out += fmt::format("\n-- {}: {}\n", time_of(pending.at), pending.outcomes);
    if (!pending.parameters.empty()) out += "-- " + pending.parameters + "\n";
    if (pending.why_not.empty()) return append_statement(out, pending.sql);
    if (!pending.outcomes.ends_with(pending.why_not) && pending.why_not != "it failed")
        out += "-- Not to be run as it stands here: " + pending.why_not + "\n";
    append_commented_out(out, pending.sql);
}

void SqlExport::add(const Entry& entry, std::string& out) {
    statements_.see(entry);
    const auto* content = &entry.content;
    if (const auto* started = std::get_if<entry::Started>(content)) start(*started, out);
    if (const auto* query = std::get_if<entry::Query>(content)) ask_query(entry, *query, out);
    if (const auto* execute = std::get_if<entry::Execute>(content)) ask_execute(entry, *execute, out);
    if (const auto* completed = std::get_if<entry::Completed>(content)) complete(entry, *completed, out);
    if (const auto* failed = std::get_if<entry::Failed>(content)) fail(entry, *failed, out);
    if (std::holds_alternative<entry::Ready>(*content)) ready(out);
    if (const auto* parse = std::get_if<entry::Parse>(content))
        only_parsed_ = std::make_shared<const entry::Parse>(*parse);
    if (const auto* call = std::get_if<entry::FunctionCall>(content)) {
        Pending pending;
        pending.at = entry.at;
        pending.sql = fmt::format("(FunctionCall of the function with object id {})", call->function);
        pending.parameters = text_of_parameters(call->arguments);
        pending.why_not = "it is no SQL";
        ask(std::move(pending), out);
    }
    if (const auto* copy = std::get_if<entry::CopyStarted>(content)) {
        const bool data_would_follow = copy->direction != entry::CopyStarted::Direction::out;
        if (data_would_follow && !pending_.empty()) pending_.front().why_not = "its data are not recorded";
    }
    if (const auto* copy = std::get_if<entry::CopyEnded>(content)) comment(entry.at, copy_text(*copy), out);
    if (const auto* notice = std::get_if<entry::Notice>(content))
        comment(entry.at, fmt::format("{} {}: {}", notice->severity, notice->sqlstate, notice->message), out);
    if (std::holds_alternative<entry::CancelAsked>(*content))
        comment(entry.at, "a cancel was asked for", out);
    if (const auto* gap = std::get_if<entry::Gap>(content)) {
        finish(out);
        comment(entry.at, fmt::format("NOT RECORDED: {} ({} bytes)", gap->what, gap->bytes), out);
    }
    if (const auto* ended = std::get_if<entry::Ended>(content)) {
        finish(out);
        comment(entry.at,
                fmt::format("the session ended ({}){}{}; its last transaction: {}",
                            policy::to_string(ended->cause), ended->why.empty() ? "" : ": ", ended->why,
                            policy::to_string(ended->outcome)),
                out);
    }
}

void SqlExport::finish(std::string& out) {
    while (!pending_.empty())
        write_front(out);
}

}  // namespace curfew::recording
