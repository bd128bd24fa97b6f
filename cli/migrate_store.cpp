#include "cli/migrate_store.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "cli/spinner.hpp"
#include "store/migration/migrate_store.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
using store::MigrationStep;

std::optional<std::string> after_prefix(const std::string& text, std::string_view prefix) {
    if (text.size() <= prefix.size() || text.compare(0, prefix.size(), prefix) != 0) return std::nullopt;
    return text.substr(prefix.size());
}

// `postgresql:` in front of a connection string, or what a URI begins with by itself.
std::optional<std::string> connection_string_in(const std::string& to) {
    if (after_prefix(to, "postgresql://") || after_prefix(to, "postgres://")) return to;
    return after_prefix(to, "postgresql:");
}

Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::invalid:
            return {ExitCode::usage, error.message};
        case ErrorCode::not_found:
            return {ExitCode::not_found, error.message};
        case ErrorCode::conflict:
            return {ExitCode::conflict, error.message};
        case ErrorCode::unavailable:
            return {ExitCode::unreachable, error.message};
        default:
            return {ExitCode::failed, error.message};
    }
}

Outcome<store::PostgresTarget> target_of(const StoreMove& move) {
    const auto connection_string = connection_string_in(move.to);
    if (!connection_string) {
        return Failure{ExitCode::usage,
                       "--to is postgresql: and a connection string, such as "
                       "postgresql:'host=store1 dbname=curfew user=curfewd', or a URI postgresql://…"};
    }
    auto target = store::read_postgres_target(*connection_string, std::nullopt, "curfew");
    if (target) return std::move(*target);
    Failure failure = failure_of(target.error());
    failure.message +=
        ". This command takes a password from PGPASSWORD, or from a password file of libpq's "
        "(passfile=, or ~/.pgpass)";
    return failure;
}

class ProgressLine {
public:
    explicit ProgressLine(const Context& context)
        : context_{context}, block_{context.err, context.err_terminal} {}

    void show(const MigrationStep& step) {
        if (!context_.err_terminal.is_terminal) return;
        block_.show({{fmt::format("{} {}: {} rows", doing(step.what), step.table, step.rows)}});
    }
    void clear() { block_.clear(); }

private:
    static const char* doing(MigrationStep::What what) {
        switch (what) {
            case MigrationStep::What::copying:
                return "Copying";
            case MigrationStep::What::comparing:
                return "Comparing";
            case MigrationStep::What::verifying:
                return "Verifying";
        }
        return "";
    }

    const Context& context_;
    StatusBlock block_;
};

std::uint64_t all_rows(const store::Migrated& migrated) {
    std::uint64_t rows = 0;
    for (const auto& table : migrated.tables)
        rows += table.rows;
    return rows;
}

json::object json_of(const store::VerifiedChain& trail) {
    json::object document{{"events", trail.events}, {"head", to_hex(trail.head.hash)}, {"broken", nullptr}};
    if (trail.broken) document["broken"] = {{"at", trail.broken->at}, {"what", trail.broken->what}};
    return document;
}

void print_json(const Context& context, const store::Migrated& migrated) {
    json::object tables;
    for (const auto& table : migrated.tables)
        tables[table.name] = table.rows;
    const json::object document{{"tables", std::move(tables)},
                                {"rows", all_rows(migrated)},
                                {"unfinished_sessions", migrated.unfinished_sessions},
                                {"audit_trail", json_of(migrated.audit_trail)}};
    context.out << json::serialize(document) << '\n';
}

void print_trail(const Context& context, const store::VerifiedChain& trail) {
    if (trail.broken) {
        fmt::print(context.out, "The audit trail was broken before, and was kept as it is: {}.\n",
                   trail.broken->what);
        return;
    }
    fmt::print(context.out,
               "The audit trail is unbroken, here as there: {} events, the last with the hash {}.\n",
               trail.events, to_hex(trail.head.hash));
}

void print_text(const Context& context, const store::Migrated& migrated, const std::string& from,
                const std::string& to) {
    for (const auto& table : migrated.tables)
        fmt::print(context.out, "{:<18}{:>10}\n", table.name, table.rows);
    fmt::print(context.out, "Moved {} rows from {} to {}, and read them back: every row is the same.\n",
               all_rows(migrated), printable(from), printable(to));
    print_trail(context, migrated.audit_trail);
    if (migrated.unfinished_sessions > 0) {
        fmt::print(
            context.out,
            "{} sessions have no recorded end: keep the node's name (`node`), so that curfewd looks for "
            "their backends when it starts.\n",
            migrated.unfinished_sessions);
    }
    context.out
        << "Next: in curfew.yaml, under `store`, put `postgresql` in the place of `path`, and start curfewd. "
           "Do not start it with the file again: the two would know nothing of each other.\n";
}

}  // namespace

ExitCode migrate_store(const Context& context, const StoreMove& move) {
    const auto path = after_prefix(move.from, "sqlite:");
    if (!path) {
        return report(context, {ExitCode::usage,
                                "--from is sqlite: and a path, such as "
                                "sqlite:/var/lib/curfew/curfew.db"});
    }
    const auto target = target_of(move);
    if (!target) return report(context, target.error());
    ProgressLine line{context};
    const auto broken = move.keep_broken_audit_trail ? store::BrokenTrail::keep : store::BrokenTrail::refuse;
    const auto migrated =
        store::migrate_store(*path, *target, broken, [&line](const MigrationStep& step) { line.show(step); });
    line.clear();
    if (!migrated) return report(context, failure_of(migrated.error()));
    if (context.json) {
        print_json(context, *migrated);
    } else {
        print_text(context, *migrated, *path, target->name());
    }
    return ExitCode::ok;
}

}  // namespace curfew::cli
