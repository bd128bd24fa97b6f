#include "protocol/postgres/prepared_objects.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace curfew::postgres {
namespace {

// Of what holds a name and its object, beside their bytes.
constexpr std::size_t overhead = 192;

// They end a transaction and its portals; or they make or close cursors, which share their names with
// portals. (ROLLBACK TO SAVEPOINT says ROLLBACK, too.)
constexpr std::array<std::string_view, 10> change_portals{
    "COMMIT",       "ROLLBACK",      "PREPARE TRANSACTION", "DECLARE CURSOR",
    "CLOSE CURSOR", "DISCARD ALL",   "CLOSE CURSOR ALL",    "CALL",
    "DO",           "DEALLOCATE ALL"};
constexpr std::array<std::string_view, 6> change_statements{"PREPARE",     "DEALLOCATE", "DEALLOCATE ALL",
                                                            "DISCARD ALL", "CALL",       "DO"};

template <std::size_t n>
bool holds(const std::array<std::string_view, n>& tags, std::string_view tag) noexcept {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

std::size_t remembering_costs(std::string_view name, const PreparedStatement& statement) noexcept {
    return overhead + name.size() + statement.sql.size() +
           statement.parameter_types.size() * sizeof(std::uint32_t);
}

std::size_t remembering_costs(std::string_view name, const BoundPortal& portal) noexcept {
    std::size_t bytes = overhead + name.size() + portal.statement->sql.size();
    for (const HeldUnit::Parameter& parameter : portal.parameters)
        bytes += sizeof parameter + (parameter.value ? parameter.value->size() : 0);
    return bytes;
}

std::shared_ptr<const PreparedStatement> PreparedObjects::statement(std::string_view name) const {
    const auto found = statements_.find(name);
    return found == statements_.end() ? nullptr : found->second;
}

std::shared_ptr<const BoundPortal> PreparedObjects::portal(std::string_view name) const {
    const auto found = portals_.find(name);
    return found == portals_.end() ? nullptr : found->second;
}

template <class Object>
void PreparedObjects::put_into(Named<Object>& objects, std::string name,
                               std::shared_ptr<const Object> object) {
    erase_from(objects, name);
    bytes_ += remembering_costs(name, *object);
    objects.emplace(std::move(name), std::move(object));
}

template <class Object>
void PreparedObjects::erase_from(Named<Object>& objects, std::string_view name) {
    const auto found = objects.find(name);
    if (found == objects.end()) return;
    bytes_ -= remembering_costs(name, *found->second);
    objects.erase(found);
}

template <class Object>
void PreparedObjects::forget(Named<Object>& objects) {
    for (const auto& [name, object] : objects)
        bytes_ -= remembering_costs(name, *object);
    objects.clear();
}

void PreparedObjects::put(std::string name, std::shared_ptr<const PreparedStatement> statement) {
    put_into(statements_, std::move(name), std::move(statement));
}

void PreparedObjects::put(std::string name, std::shared_ptr<const BoundPortal> portal) {
    put_into(portals_, std::move(name), std::move(portal));
}

void PreparedObjects::erase_statement(std::string_view name) {
    erase_from(statements_, name);
}

void PreparedObjects::erase_portal(std::string_view name) {
    erase_from(portals_, name);
}

void PreparedObjects::forget_statements() {
    forget(statements_);
}

void PreparedObjects::forget_portals() {
    forget(portals_);
}

void PreparedObjects::completed(std::string_view tag) {
    if (holds(change_portals, tag)) forget_portals();
    if (holds(change_statements, tag)) forget_statements();
}

}  // namespace curfew::postgres
