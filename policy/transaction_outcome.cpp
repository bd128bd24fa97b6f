#include "policy/transaction_outcome.hpp"

#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr Words<TransactionOutcome, 4> transaction_outcomes{{
    {TransactionOutcome::none, "none"},
    {TransactionOutcome::committed, "committed"},
    {TransactionOutcome::rolled_back, "rolled_back"},
    {TransactionOutcome::unknown, "unknown"},
}};

}  // namespace

std::string_view to_string(TransactionOutcome outcome) {
    return word_of(transaction_outcomes, outcome);
}

std::optional<TransactionOutcome> parse_transaction_outcome(std::string_view text) {
    return value_of(transaction_outcomes, text);
}

}  // namespace curfew::policy
