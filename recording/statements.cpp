#include "recording/statements.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace curfew::recording {
namespace {

std::size_t bytes_of(const entry::Parse& parse) {
    return parse.sql.size() + parse.statement.size();
}

std::size_t bytes_of(const std::vector<Value>& values) {
    std::size_t bytes = 0;
    for (const Value& value : values)
        bytes += sizeof value + value.bytes.size();
    return bytes;
}

// Takes off the map the half that came first in it; returns its bytes. A half at once, so that each entry
// costs little however many there are.
template <class Named>
std::size_t forget_older_half(Named& named) {
    std::vector<std::uint64_t> numbers;
    numbers.reserve(named.size());
    for (const auto& [name, it] : named)
        numbers.push_back(it.number);
    const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
    std::nth_element(numbers.begin(), middle, numbers.end());
    std::size_t freed = 0;
    std::erase_if(named, [&](const auto& item) {
        if (item.second.number >= *middle) return false;
        freed += item.second.bytes;
        return true;
    });
    return freed;
}

}  // namespace

void StatementBook::see(const Entry& entry) {
    if (const auto* parse = std::get_if<entry::Parse>(&entry.content)) see_parse(*parse);
    if (const auto* bind = std::get_if<entry::Bind>(&entry.content)) see_bind(*bind);
    forget_some();
}

void StatementBook::see_parse(const entry::Parse& parse) {
    Statement& statement = statements_[parse.statement];
    bytes_ -= statement.bytes;
    statement = {std::make_shared<const entry::Parse>(parse), next_number_++, bytes_of(parse)};
    bytes_ += statement.bytes;
}

void StatementBook::see_bind(const entry::Bind& bind) {
    Portal& portal = portals_[bind.portal];
    bytes_ -= portal.bytes;
    const auto statement = statements_.find(bind.statement);
    portal = {{}, bind.parameters, next_number_++, bind.portal.size() + bytes_of(bind.parameters)};
    if (statement != statements_.end()) {
        portal.statement = statement->second.parse;
        portal.bytes += statement->second.bytes;  // which it keeps when the statement is forgotten
    }
    bytes_ += portal.bytes;
}

void StatementBook::forget_some() {
    while (statements_.size() > most_statements || (bytes_ > most_bytes && statements_.size() > 1))
        bytes_ -= forget_older_half(statements_);
    while (portals_.size() > most_statements || (bytes_ > most_bytes && portals_.size() > 1))
        bytes_ -= forget_older_half(portals_);
}

Execution StatementBook::of(const entry::Execute& execute) const {
    const auto portal = portals_.find(execute.portal);
    if (portal != portals_.end()) return {portal->second.statement, portal->second.parameters};
    const auto statement = statements_.find(execute.statement);
    if (statement == statements_.end()) return {};
    return {statement->second.parse, {}};
}

}  // namespace curfew::recording
