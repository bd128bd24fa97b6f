#include "cli/loopback_peer.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace curfew::cli {
namespace {

// As the tables write it: four bytes of the address in the order of this machine, in hexadecimal.
std::string table_form(const boost::asio::ip::tcp::endpoint& endpoint) {
    const auto bytes = endpoint.address().to_v4().to_bytes();
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return fmt::format("{:08X}:{:04X}", word, endpoint.port());
}

// What stands before it in the table of IPv6: ::ffff:0:0/96, as three words.
std::string mapped_prefix() {
    const std::uint32_t last = std::endian::native == std::endian::little ? 0xFFFF0000U : 0x0000FFFFU;
    return fmt::format("{:016X}{:08X}", 0, last);
}

std::optional<uid_t> number(const std::string& text) {
    uid_t value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return value;
}

}  // namespace

std::optional<uid_t> owner_in(std::string_view table, const boost::asio::ip::tcp::endpoint& client,
                              const boost::asio::ip::tcp::endpoint& server) {
    constexpr std::size_t owner_column = 7;
    constexpr std::size_t inode_column = 9;
    const auto local = table_form(client);
    const auto remote = table_form(server);
    const auto prefix = mapped_prefix();
    std::istringstream lines{std::string{table}};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        const std::vector<std::string> columns{std::istream_iterator<std::string>{words}, {}};
        if (columns.size() <= inode_column) continue;
        const bool found = (columns[1] == local && columns[2] == remote) ||
                           (columns[1] == prefix + local && columns[2] == prefix + remote);
        if (!found) continue;
        return columns[inode_column] == "0" ? std::nullopt : number(columns[owner_column]);
    }
    return std::nullopt;
}

std::optional<uid_t> owner_of(const boost::asio::ip::tcp::endpoint& client,
                              const boost::asio::ip::tcp::endpoint& server) {
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ostringstream table;
        table << std::ifstream{path}.rdbuf();
        if (const auto owner = owner_in(table.str(), client, server)) return owner;
    }
    return std::nullopt;
}

}  // namespace curfew::cli
