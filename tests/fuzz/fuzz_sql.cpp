// Any text as SQL: statements lie in order inside of it, and one that runs without asking names all that it
// reads. PostgreSQL's own parser holds the stack that it was given.
#include "fuzzing.hpp"
#include "sql/allowed_statements.hpp"
#include "sql/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace curfew;
    const auto text = fuzzing::as_text(data, size);
    const auto statements = sql::parse(text);
    if (!statements) return 0;
    std::size_t end = 0;
    for (const auto& statement : *statements) {
        fuzzing::require(statement.offset >= end && statement.offset + statement.size <= text.size(),
                         "statements are in order and within the text");
        end = statement.offset + statement.size;
        const bool asks = sql::why_ask(statement, {}).has_value();
        fuzzing::require(asks || statement.relations.empty(), "what reads a table that is not allowed asks");
        fuzzing::require(asks || statement.kind != sql::StatementKind::other, "what is not known asks");
    }
    return 0;
}
