// What is to be asked of PostgreSQL for the preview of a command. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "policy/command.hpp"
#include "policy/preview.hpp"
#include "pq/connection.hpp"

namespace curfew::execution {

struct PreviewPlan {
    // More statements than these are not looked at: nobody reads that many plans.
    static constexpr std::size_t most_statements = 20;

    struct Step {
        std::size_t number = 0;  // of the statement, from 1
        std::string sql;         // one statement: of a dry run itself, else its EXPLAIN
        std::vector<pq::Connection::Value> values;
        std::string why_none;  // set: there is nothing to ask; for people
    };

    policy::PreviewMode mode = policy::PreviewMode::explain;  // what is done in the end
    std::string why_not_dry;   // set: a dry run was wanted, and this keeps it from being one
    std::vector<Step> steps;   // in their order
    std::size_t left_out = 0;  // statements, beyond most_statements
};

// `wanted`: not off. invalid: there is nothing that could be previewed, and why.
Result<PreviewPlan> plan_preview(const policy::Command& command, policy::PreviewMode wanted);

}  // namespace curfew::execution
