#include "cli/replay.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <ostream>
#include <thread>
#include <utility>

#include "cli/download.hpp"
#include "cli/replay_source.hpp"
#include "cli/replay_view.hpp"
#include "recording/cast.hpp"
#include "recording/sql_export.hpp"

namespace curfew::cli {
namespace {

Outcome<std::unique_ptr<ReplaySource>> source_for(const Context& context, const ReplayOptions& options) {
    if (!options.file.empty()) return replay_of_file(options.file);
    if (options.follow) return replay_of_live_session(context.client.server(), options.session);
    return replay_of_session(context.client, options.session);
}

ExitCode code_of(const recording::Integrity& integrity) {
    return integrity.condition == recording::Condition::broken ? ExitCode::failed : ExitCode::ok;
}

// At the recording's pace only where somebody looks, or asked for it.
bool keeps_pace(const Context& context, const ReplayOptions& options) {
    if (options.no_wait || options.follow || context.json) return false;
    return context.terminal.is_terminal || options.speed_given;
}

std::string integrity_line(const ReplaySource& source, std::uint64_t entries) {
    const auto integrity = source.integrity();
    const boost::json::object said{{"condition", to_string(integrity.condition)},
                                   {"lost_bytes", integrity.lost_bytes},
                                   {"what", integrity.what},
                                   {"entries", entries},
                                   {"hash", source.hash()}};
    return boost::json::serialize(said);
}

ExitCode show_all(const Context& context, const ReplayOptions& options, ReplaySource& source) {
    ReplayView view{context.terminal};
    const bool paced = keeps_pace(context, options);
    recording::Offset shown_at{};
    std::uint64_t entries = 0;
    while (true) {
        const auto next = source.next();
        if (!next) return report(context, next.error());
        if (!*next) break;
        ++entries;
        const auto& [entry, line] = **next;
        const auto text = context.json ? line + "\n" : view.show(entry);
        if (text.empty()) continue;
        if (paced)
            std::this_thread::sleep_for(pause_between(shown_at, entry.at, options.speed, options.max_pause));
        shown_at = entry.at;
        context.out << text;
        if (paced || options.follow) context.out << std::flush;
    }
    if (context.json) {
        context.out << integrity_line(source, entries) << '\n';
    } else {
        const auto integrity = source.integrity();
        const bool good = integrity.condition == recording::Condition::complete ||
                          integrity.condition == recording::Condition::open;
        const auto said = describe(integrity, entries, source.hash());
        context.err << context.err_terminal.styled(good ? Style::dim : Style::red, said) << '\n';
    }
    return code_of(source.integrity());
}

// To standard output, or to a file that is gone again where it did not become whole.
class ExportTarget {
public:
    ExportTarget(std::ostream& standard, std::string path) : standard_{standard}, path_{std::move(path)} {
        if (!path_.empty()) file_.open(path_, std::ios::binary | std::ios::trunc);
    }
    ~ExportTarget() {
        if (!path_.empty() && !whole_) std::remove(path_.c_str());
    }
    ExportTarget(const ExportTarget&) = delete;
    ExportTarget& operator=(const ExportTarget&) = delete;

    std::ostream& stream() { return path_.empty() ? standard_ : file_; }
    Outcome<void> finish() {
        whole_ = static_cast<bool>(stream().flush());
        if (whole_) return {};
        return Failure{ExitCode::failed,
                       fmt::format("Cannot write to {}", path_.empty() ? "standard output" : path_)};
    }

private:
    std::ostream& standard_;
    const std::string path_;
    std::ofstream file_;
    bool whole_ = false;
};

Outcome<void> export_file(const ReplayOptions& options, std::ostream& out, bool& broken) {
    auto source = replay_of_file(options.file);
    if (!source) return source.error();
    recording::CastExport cast;
    recording::SqlExport sql;
    std::uint64_t entries = 0;
    while (out) {
        const auto next = (*source)->next();
        if (!next) return next.error();
        if (!*next) break;
        ++entries;
        std::string text;
        if (options.format == "asciicast") cast.add((*next)->entry, text);
        if (options.format == "sql") sql.add((*next)->entry, text);
        if (options.format == "ndjson") text = (*next)->line + "\n";
        out << text;
    }
    std::string rest;
    if (options.format == "sql") sql.finish(rest);
    if (options.format == "ndjson") rest = integrity_line(**source, entries) + "\n";
    out << rest;
    broken = (*source)->integrity().condition == recording::Condition::broken;
    return {};
}

ExitCode export_recording(const Context& context, const ReplayOptions& options) {
    ExportTarget target{context.out, options.output};
    bool broken = false;
    Outcome<void> done{};
    if (!options.file.empty()) {
        done = export_file(options, target.stream(), broken);
    } else {
        const auto path = fmt::format("/sessions/{}/recording", path_segment(options.session));
        const auto what = options.format == "file" ? path + "/file" : path + "?format=" + options.format;
        const TakePiece take = [&](std::string_view piece) {
            target.stream() << piece;
            return static_cast<bool>(target.stream());
        };
        done = download(context.client.server(), what, "*/*", take);
    }
    if (done) done = target.finish();
    if (!done) return report(context, done.error());
    if (broken) {
        context.err
            << "curfew: the recording is changed or damaged: only what stands before that was written\n";
    }
    return broken ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

Duration pause_between(recording::Offset before, recording::Offset now, double speed, Duration at_most) {
    if (now <= before) return Duration::zero();
    const std::chrono::duration<double> scaled = std::chrono::duration<double>(now - before) / speed;
    if (scaled >= std::chrono::duration<double>(at_most)) return at_most;
    return std::chrono::duration_cast<Duration>(scaled);
}

ExitCode replay(const Context& context, const ReplayOptions& options) {
    if (!options.format.empty()) return export_recording(context, options);
    auto source = source_for(context, options);
    if (!source) return report(context, source.error());
    return show_all(context, options, **source);
}

}  // namespace curfew::cli
