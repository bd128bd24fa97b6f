#include "execution/preview_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/hex.hpp"
#include "sql/parse.hpp"

namespace curfew::execution {
namespace {

using policy::CommandForm;
using policy::PreviewMode;
using sql::StatementKind;

// With its options in brackets, so that nothing of the statement can be taken for one.
constexpr std::string_view explain = "EXPLAIN (COSTS ON) ";

struct Found {
    sql::Statement statement;
    std::string text;
    std::vector<pq::Connection::Value> values;
};

// The bytes of `\x0001`; nullopt: it is not written so.
std::optional<std::string> bytes_of(std::string_view text) {
    if (!text.starts_with("\\x")) return std::nullopt;
    return from_hex(text.substr(2));
}

Result<std::vector<pq::Connection::Value>> values_of(const policy::Command::Statement& statement) {
    std::vector<pq::Connection::Value> values;
    for (const auto& parameter : statement.parameters) {
        if (!parameter.value || !parameter.binary) {
            values.push_back({parameter.value, false});
        } else if (auto bytes = bytes_of(*parameter.value)) {
            values.push_back({std::move(bytes), true});
        } else {
            return Error{ErrorCode::invalid, "One of its binary values is not understood"};
        }
    }
    return values;
}

Result<std::vector<Found>> statements_of(const policy::Command& command) {
    if (command.form == CommandForm::function)
        return Error{ErrorCode::invalid, "The function call protocol has no plan"};
    std::vector<Found> found;
    for (const policy::Command::Statement& one : command.statements) {
        auto parsed = sql::parse(one.sql);
        if (!parsed) return parsed.error();
        auto values = values_of(one);
        if (!values) return values.error();
        for (sql::Statement& statement : *parsed) {
            std::string text = one.sql.substr(statement.offset, statement.size);
            found.push_back({std::move(statement), std::move(text), *values});
        }
    }
    return found;
}

bool is_of_the_session(const sql::Statement& statement) {
    return statement.kind == StatementKind::transaction_control || statement.kind == StatementKind::setting ||
           statement.kind == StatementKind::show;
}

std::string why_not_dry(const std::vector<Found>& found) {
    for (std::size_t at = 0; at < found.size(); ++at) {
        const sql::Statement& statement = found[at].statement;
        if (is_of_the_session(statement) || statement.why_not_dry.empty()) continue;
        return found.size() == 1 ? statement.why_not_dry
                                 : fmt::format("statement {}: {}", at + 1, statement.why_not_dry);
    }
    return {};
}

PreviewPlan::Step step_of(Found found, std::size_t number, PreviewMode mode) {
    PreviewPlan::Step step;
    step.number = number;
    const bool asks =
        mode == PreviewMode::dry_run ? !is_of_the_session(found.statement) : found.statement.has_plan;
    if (!asks) {
        step.why_none = is_of_the_session(found.statement) ? "not part of the preview" : "has no plan";
        return step;
    }
    step.sql = mode == PreviewMode::dry_run ? std::move(found.text) : std::string{explain} + found.text;
    step.values = std::move(found.values);
    return step;
}

}  // namespace

Result<PreviewPlan> plan_preview(const policy::Command& command, PreviewMode wanted) {
    auto found = statements_of(command);
    if (!found) return found.error();
    PreviewPlan plan;
    plan.mode = wanted;
    if (wanted == PreviewMode::dry_run) {
        plan.why_not_dry = why_not_dry(*found);
        if (plan.why_not_dry.empty() && found->size() > PreviewPlan::most_statements)
            plan.why_not_dry = fmt::format("it has more than {} statements", PreviewPlan::most_statements);
        if (!plan.why_not_dry.empty()) plan.mode = PreviewMode::explain;
    }
    const std::size_t looked_at = std::min(found->size(), PreviewPlan::most_statements);
    plan.left_out = found->size() - looked_at;
    bool asks = false;
    for (std::size_t at = 0; at < looked_at; ++at) {
        plan.steps.push_back(step_of(std::move((*found)[at]), at + 1, plan.mode));
        asks = asks || plan.steps.back().why_none.empty();
    }
    if (!asks) return Error{ErrorCode::invalid, "PostgreSQL has no plan for any of its statements"};
    return plan;
}

}  // namespace curfew::execution
