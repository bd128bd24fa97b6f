// What became of the last transaction of a session.
#pragma once

#include <optional>
#include <string_view>

namespace curfew::policy {

enum class TransactionOutcome {
    none,         // nothing was ever asked for
    committed,    // PostgreSQL said so
    rolled_back,  // it said so, or said that it ends before it had completed it; or it was open and its
                  // backend is gone
    unknown,      // the end came between the request and its answer
};
std::string_view to_string(TransactionOutcome outcome);  // `rolled_back`
std::optional<TransactionOutcome> parse_transaction_outcome(std::string_view text);

}  // namespace curfew::policy
