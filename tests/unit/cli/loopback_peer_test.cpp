// Whose a connection over the loopback is.
#include "cli/loopback_peer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <string>

namespace curfew::cli {
namespace {

using Tcp = boost::asio::ip::tcp;

Tcp::endpoint loopback(std::uint16_t port) {
    return {boost::asio::ip::address_v4::loopback(), port};
}

// As Linux prints them on a little-endian machine: 40001 -> 5433.
const std::string header =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

std::string row(const std::string& from, const std::string& to, const std::string& owner,
                const std::string& inode) {
    return "   3: " + from + " " + to + " 01 00000000:00000000 00:00000000 00000000 " + owner + "        0 " +
           inode + " 1 0000000000000000 20 4 30 10 -1\n";
}

TEST(LoopbackPeer, IsTheOneWhoseSocketTheTableShows) {
    const auto table = header + row("0100007F:1539", "0100007F:9C41", "7", "900") +
                       row("0100007F:9C41", "0100007F:1539", "1000", "901");
    EXPECT_EQ(owner_in(table, loopback(40001), loopback(5433)), 1000U);
    EXPECT_EQ(owner_in(table, loopback(40002), loopback(5433)), std::nullopt);
}

TEST(LoopbackPeer, IsFoundAmongMappedAddresses) {
    const std::string mapped = "0000000000000000FFFF0000";
    const auto table = header + row(mapped + "0100007F:9C41", mapped + "0100007F:1539", "1000", "901");
    EXPECT_EQ(owner_in(table, loopback(40001), loopback(5433)), 1000U);
}

TEST(LoopbackPeer, IsNobodyOnceItsProcessHasLeftIt) {
    const auto table = header + row("0100007F:9C41", "0100007F:1539", "0", "0");
    EXPECT_EQ(owner_in(table, loopback(40001), loopback(5433)), std::nullopt)
        << "the kernel calls it root's, whoever left it";
}

TEST(LoopbackPeer, IsKnownToTheKernel) {
    boost::asio::io_context io;
    Tcp::acceptor acceptor{io, loopback(0)};
    Tcp::socket client{io};
    client.connect(acceptor.local_endpoint());
    const Tcp::socket accepted = acceptor.accept();
    EXPECT_EQ(owner_of(accepted.remote_endpoint(), acceptor.local_endpoint()), ::geteuid());
    const auto from = accepted.remote_endpoint();
    client.close();
    EXPECT_EQ(owner_of(from, acceptor.local_endpoint()), std::nullopt);
}

TEST(LoopbackPeer, MaySpeakIpv6) {
    boost::asio::io_context io;
    Tcp::acceptor acceptor{io, loopback(0)};
    Tcp::socket client{io, Tcp::v6()};
    client.set_option(boost::asio::ip::v6_only{false});
    boost::system::error_code error;
    client.connect({boost::asio::ip::make_address("::ffff:127.0.0.1"), acceptor.local_endpoint().port()},
                   error);
    if (error) GTEST_SKIP() << "no IPv6 here";
    const Tcp::socket accepted = acceptor.accept();
    EXPECT_EQ(owner_of(accepted.remote_endpoint(), acceptor.local_endpoint()), ::geteuid());
}

}  // namespace
}  // namespace curfew::cli
