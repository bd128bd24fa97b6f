#include "support/network_of_hosts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "support/process.hpp"

namespace curfew::test {
namespace {

[[noreturn]] void fail_network(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

FileDescriptor network_of_this_thread() {
    FileDescriptor network{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
    if (!network) fail_network("open /proc/thread-self/ns/net");
    return network;
}

// Made by a thread that is gone afterwards; the descriptor keeps it.
FileDescriptor new_network() {
    FileDescriptor network;
    int error = 0;
    std::thread{[&] {
        if (::unshare(CLONE_NEWNET) != 0) {
            error = errno;
        } else {
            network = network_of_this_thread();
        }
    }}.join();
    if (error != 0) {
        errno = error;
        fail_network("unshare(CLONE_NEWNET)");
    }
    return network;
}

// Commands of `ip`, one a line, in this thread's network.
void ip(const std::string& commands) {
    Process::Options options;
    options.input = commands;
    const CommandResult result = run({"ip", "-batch", "-"}, std::move(options));
    if (!result.status.success()) throw std::runtime_error("ip -batch:\n" + commands + result.err);
}

}  // namespace

NetworkOfHosts::Visit::Visit(int network) : home_{network_of_this_thread()} {
    if (::setns(network, CLONE_NEWNET) != 0) fail_network("setns");
}

NetworkOfHosts::Visit::~Visit() {
    // A thread that stayed elsewhere would make every test after this one mean something else.
    if (::setns(home_.get(), CLONE_NEWNET) != 0) std::terminate();
}

std::optional<std::string> NetworkOfHosts::why_not() {
    if (::geteuid() != 0) return "needs root, to make networks for several hosts";
    try {
        (void)new_network();
    } catch (const std::system_error& error) {
        if (error.code().value() != EPERM) throw;
        return "this container may not make networks (it lacks CAP_SYS_ADMIN)";
    }
    return std::nullopt;
}

NetworkOfHosts::NetworkOfHosts(const std::vector<std::string>& hosts) : router_{new_network()} {
    {
        const Visit visit{router_.get()};
        std::ofstream forward{"/proc/sys/net/ipv4/ip_forward"};
        if (!(forward << "1" << std::flush)) throw std::runtime_error("cannot turn on ip_forward");
    }
    std::size_t number = 0;
    for (const std::string& name : hosts)
        join(name, ++number);
}

// 198.18.0.0/15 is set aside for tests of networks.
void NetworkOfHosts::join(const std::string& name, std::size_t number) {
    const std::string net = "198.18." + std::to_string(number) + ".";
    Host host{new_network(), net + "2"};
    const std::string link = "to-" + std::to_string(number);
    {
        const Visit visit{router_.get()};
        ip("link add " + link + " type veth peer name eth0 netns /proc/" + std::to_string(::getpid()) +
           "/fd/" + std::to_string(host.network.get()) + "\naddr add " + net + "1/30 dev " + link +
           "\nlink set " + link + " up\n");
    }
    {
        const Visit visit{host.network.get()};
        ip("link set lo up\naddr add " + host.address + "/30 dev eth0\nlink set eth0 up\n" +
           "route add default via " + net + "1\n");
    }
    hosts_.emplace(name, std::move(host));
}

std::string NetworkOfHosts::rule(const Way& way) const {
    return "from " + address(way.first) + " to " + address(way.second) + " blackhole\n";
}

void NetworkOfHosts::cut(const std::string& a, const std::string& b) {
    cut_one_way(a, b);
    cut_one_way(b, a);
}

void NetworkOfHosts::cut_one_way(const std::string& from, const std::string& to) {
    const Way way{from, to};
    const Visit visit{router_.get()};
    ip("rule add " + rule(way));
    cuts_.push_back(way);
}

void NetworkOfHosts::heal() {
    heal([](const Way&) { return true; });
}

void NetworkOfHosts::heal(const std::string& a, const std::string& b) {
    heal([&](const Way& way) { return way == Way{a, b} || way == Way{b, a}; });
}

// All at once.
void NetworkOfHosts::heal(const std::function<bool(const Way&)>& which) {
    std::string commands;
    std::erase_if(cuts_, [&](const Way& way) {
        if (!which(way)) return false;
        commands += "rule del " + rule(way);
        return true;
    });
    const Visit visit{router_.get()};
    ip(commands);
}

}  // namespace curfew::test
