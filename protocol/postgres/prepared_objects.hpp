// What a session has prepared and bound by the extended protocol, as far as PostgreSQL confirmed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/postgres/held_unit.hpp"

namespace curfew::postgres {

struct PreparedStatement {
    std::string sql;
    std::vector<std::uint32_t> parameter_types;  // object ids, as the Parse named them
};
struct BoundPortal {
    std::shared_ptr<const PreparedStatement> statement;
    std::vector<HeldUnit::Parameter> parameters;
};

// About as many bytes as remembering it takes, the text that a portal keeps alive included.
std::size_t remembering_costs(std::string_view name, const PreparedStatement& statement) noexcept;
std::size_t remembering_costs(std::string_view name, const BoundPortal& portal) noexcept;

// Says of a name what PostgreSQL runs by it, or nothing where that is not certain.
class PreparedObjects {
public:
    // nullptr: there is none by that name.
    std::shared_ptr<const PreparedStatement> statement(std::string_view name) const;
    std::shared_ptr<const BoundPortal> portal(std::string_view name) const;

    void put(std::string name, std::shared_ptr<const PreparedStatement> statement);
    void put(std::string name, std::shared_ptr<const BoundPortal> portal);
    void erase_statement(std::string_view name);
    void erase_portal(std::string_view name);

    void forget_statements();
    void forget_portals();
    // Of a CommandComplete: forgets what a statement with this tag may have dropped or replaced.
    void completed(std::string_view tag);

    std::size_t names() const noexcept { return statements_.size() + portals_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    template <class Object>
    using Named = std::map<std::string, std::shared_ptr<const Object>, std::less<>>;
    template <class Object>
    void put_into(Named<Object>& objects, std::string name, std::shared_ptr<const Object> object);
    template <class Object>
    void erase_from(Named<Object>& objects, std::string_view name);
    template <class Object>
    void forget(Named<Object>& objects);

    Named<PreparedStatement> statements_;
    Named<BoundPortal> portals_;
    std::size_t bytes_ = 0;
};

}  // namespace curfew::postgres
