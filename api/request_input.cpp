#include "api/request_input.hpp"

#include <fmt/format.h>

#include <utility>

#include "api/history_input.hpp"
#include "api/json_input.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t longest_word = 40;
constexpr std::size_t longest_comment = 1000;

std::optional<WallInstant> optional_instant(ObjectReader& reader, std::string_view name) {
    const auto text = reader.optional_text(name, longest_word);
    if (text.empty()) return std::nullopt;
    const auto instant = parse_instant(text);
    if (!instant) {
        reader.add_problem(name,
                           fmt::format("'{}' must be a time in UTC such as 2026-11-24T14:05:00Z", name));
    }
    return instant;
}

std::optional<Duration> some(Duration duration) {
    return duration == Duration::zero() ? std::nullopt : std::optional{duration};
}

void read_what_for(ObjectReader& reader, AskedFor& asked) {
    asked.resource = reader.optional_text("resource", longest_name);
    const auto extends = reader.optional_text("extends", longest_word);
    if (asked.resource.empty() == extends.empty()) {
        reader.add_problem(
            "",
            "Either 'resource' or 'extends' is needed: what access is to, or the grant that is "
            "to last longer");
    }
    if (extends.empty()) return;
    asked.wish.kind = policy::RequestKind::extension;
    asked.wish.extends = GrantId::parse(extends);
    if (!asked.wish.extends) {
        reader.add_problem("extends",
                           fmt::format("'extends' must be a grant's identifier such as g-7k3mq9xd, and '{}' "
                                       "is none",
                                       printable(extends, longest_word)));
    }
}

std::optional<AskedFor::Script> read_script(ObjectReader& reader) {
    auto command = reader.optional_object("command");
    if (!command) return std::nullopt;
    AskedFor::Script script;
    script.database = command->optional_text("database", longest_name);
    script.sql = command->required_text("sql", policy::longest_command);
    reader.take_problems("command", *command);
    return script;
}

Result<std::set<policy::RequestStatus>> parse_statuses(std::string_view text) {
    std::set<policy::RequestStatus> statuses;
    while (true) {
        const auto comma = text.find(',');
        const auto status = policy::parse_request_status(text.substr(0, comma));
        if (!status) {
            return Error{ErrorCode::invalid,
                         fmt::format("'status' is of PENDING, APPROVED, REJECTED, REVOKED and EXECUTED, "
                                     "separated by commas, and '{}' is none of them",
                                     printable(text.substr(0, comma), longest_word))};
        }
        statuses.insert(*status);
        if (comma == std::string_view::npos) return statuses;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

Result<AskedFor> read_request(const Request& request, std::string user) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    AskedFor asked;
    policy::Wish& wish = asked.wish;
    wish.user = std::move(user);
    read_what_for(*reader, asked);
    const auto type = reader->optional_text("type", longest_word);
    if (const auto known = policy::parse_request_type(type.empty() ? "jit" : type)) {
        wish.type = *known;
    } else {
        reader->add_problem("type", "'type' must be jit or command");
    }
    asked.script = read_script(*reader);
    wish.duration = reader->optional_duration("duration");
    wish.starts_at = optional_instant(*reader, "starts_at");
    wish.reason = reader->optional_text("reason", longest_comment);
    wish.allow_replication = reader->optional_flag("replication");
    wish.break_glass = reader->optional_flag("break_glass");
    if (auto error = reader->error()) return *error;
    return asked;
}

Result<policy::Command> script_of(AskedFor::Script script, const std::string& resource,
                                  const config::Config& config) {
    policy::Command command;
    command.form = policy::CommandForm::script;
    command.database = std::move(script.database);
    command.statements.push_back({std::move(script.sql), {}});
    const config::Resource* found = config.find_resource(resource);
    if (found == nullptr) return command;  // which is refused by those who know who may ask for what
    if (!found->authenticates_people()) {
        return Error{ErrorCode::conflict,
                     fmt::format("Nothing can be run on '{}' for you: people log in there with their own "
                                 "PostgreSQL passwords, which Curfew does not know (login: passthrough); "
                                 "connect to it instead",
                                 printable(resource, longest_name))};
    }
    if (command.database.empty()) command.database = found->default_database;
    if (!found->allows_database(command.database)) {
        const auto why =
            fmt::format("Resource '{}' has no database '{}' that may be opened through Curfew",
                        printable(resource, longest_name), printable(command.database, longest_name));
        Error error{ErrorCode::invalid, why};
        error.problems.push_back({"command.database", why});
        return error;
    }
    return command;
}

Result<policy::event::Reviewed> read_review(const Request& request, std::string reviewer) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    policy::event::Reviewed review;
    review.reviewer = std::move(reviewer);
    if (const auto verdict = policy::parse_verdict(reader->optional_text("verdict", longest_word))) {
        review.verdict = *verdict;
    } else {
        reader->add_problem("verdict", "'verdict' must be approve or reject");
    }
    review.group = reader->optional_text("group", longest_name);
    review.comment = reader->optional_text("comment", longest_comment);
    review.duration = some(reader->optional_duration("duration"));
    if (auto error = reader->error()) return *error;
    return review;
}

Result<std::string> read_comment(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    auto comment = reader->optional_text("comment", longest_comment);
    if (auto error = reader->error()) return *error;
    return comment;
}

Result<workflow::RequestQuery> read_request_query(const Call& call) {
    workflow::RequestQuery query;
    query.requester = call.parameter("requester");
    query.resource = call.parameter("resource");
    if (const auto text = call.parameter("status")) {
        auto statuses = parse_statuses(*text);
        if (!statuses) return statuses.error();
        query.statuses = std::move(*statuses);
    }
    const auto view = call.parameter("view").value_or("all");
    if (view == "waiting_for_me") {
        query.awaiting_my_review = true;
    } else if (view == "mine") {
        if (query.requester) {
            return Error{ErrorCode::invalid,
                         "'view=mine' is one's own requests already; leave 'requester' out"};
        }
        query.requester = call.who().user;
    } else if (view != "all") {
        return Error{ErrorCode::invalid, "'view' must be mine, waiting_for_me or all"};
    }
    return query;
}

}  // namespace curfew::api
