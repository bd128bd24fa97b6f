#include "store/sql/backends.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "store/sql/ask.hpp"
#include "store/sql/sql_store.hpp"

namespace curfew::store {
namespace {

// As for the list of unfinished sessions, SQLite has to be told how.
constexpr Dialects unfinished_backends{
    "SELECT backend_pid, backend_started FROM sessions INDEXED BY sessions_unfinished "
    "WHERE state <> 'ended' AND backend_pid IN (?, ?, ?, ?, ?, ?, ?, ?)",
    "SELECT backend_pid, backend_started FROM sessions "
    "WHERE state <> 'ended' AND backend_pid IN (?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr std::size_t at_a_time = 8;

}  // namespace

Result<std::vector<Backend>> list_unfinished_backends(Connection& connection,
                                                      const std::vector<std::int32_t>& pids) {
    std::vector<Backend> backends;
    for (std::size_t begin = 0; begin < pids.size(); begin += at_a_time) {
        // The last ones are asked for more than once.
        std::array<std::int32_t, at_a_time> some{};
        for (std::size_t i = 0; i < at_a_time; ++i)
            some[i] = pids[std::min(begin + i, pids.size() - 1)];
        Query rows{connection, connection.choose(unfinished_backends),
                   some[0],    some[1],
                   some[2],    some[3],
                   some[4],    some[5],
                   some[6],    some[7]};
        while (rows.next())
            backends.push_back({static_cast<std::int32_t>(rows.integer(0)), rows.text(1)});
    }
    return backends;
}

Awaitable<Result<std::vector<Backend>>> SqlStore::unfinished_backends(std::vector<std::int32_t> pids) {
    auto work = [pids = std::move(pids)](Connection& connection, const StoreTime&) {
        return list_unfinished_backends(connection, pids);
    };
    return ask_to_read(reader(), "unfinished_backends", std::move(work));
}

}  // namespace curfew::store
