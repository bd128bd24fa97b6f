#include "workflow/first_administrator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "policy/directory.hpp"

namespace curfew::workflow {

Awaitable<Result<void>> make_administrator(Registry& registry, std::string user) {
    const config::ObjectName group_name{config::ObjectKind::group, std::string{policy::administrators}};
    config::Group group{group_name.name, {}};
    const auto stands = registry.find(group_name);
    if (stands) group = std::get<config::Group>(stands->object);
    const auto& members = group.members;
    if (std::find(members.begin(), members.end(), user) != members.end()) co_return Result<void>{};
    if (stands && stands->declared) {
        co_return Error{
            ErrorCode::conflict,
            fmt::format("the configuration file says who the administrators are ({}): use the "
                        "name of one of them",
                        members.empty() ? "nobody" : fmt::format("{}", fmt::join(members, ", ")))};
    }
    const config::ObjectName user_name{config::ObjectKind::user, user};
    if (!registry.find(user_name)) {
        auto made = co_await registry.put(user_name, "{}", 0, user);
        if (!made) co_return made.error();
    }
    group.members.push_back(user);
    std::string document = boost::json::serialize(config::to_json(config::Object{group}));
    auto joined = co_await registry.put(group_name, std::move(document), stands ? stands->version : 0, user);
    if (!joined) co_return joined.error();
    co_return Result<void>{};
}

}  // namespace curfew::workflow
