// Several hosts on one machine: network namespaces, whose links can be cut.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/file_descriptor.hpp"

namespace curfew::test {

// Each host has a network of its own, joined to a router between them by a veth pair, and one address.
// Nothing of it has a name outside of this process: it is gone when this object is, or when this process
// dies, as soon as what runs in it has ended.
class NetworkOfHosts {
public:
    // What is in the way of having one here (it takes root and iproute2), for GTEST_SKIP.
    static std::optional<std::string> why_not();

    explicit NetworkOfHosts(const std::vector<std::string>& hosts);
    NetworkOfHosts(const NetworkOfHosts&) = delete;
    NetworkOfHosts& operator=(const NetworkOfHosts&) = delete;

    const std::string& address(const std::string& host) const { return hosts_.at(host).address; }

    // Calls `work` with this thread in the network of `host`: sockets that it makes, and processes and
    // threads that it starts, are that host's from there on.
    template <class Work>
    auto inside(const std::string& host, Work work) const {
        const Visit visit{hosts_.at(host).network.get()};
        return work();
    }

    // From here on packets between the two vanish without a word to either, those under way included.
    void cut(const std::string& a, const std::string& b);
    // The same for one direction.
    void cut_one_way(const std::string& from, const std::string& to);
    // Packets pass again: every cut, or those between the two.
    void heal();
    void heal(const std::string& a, const std::string& b);

private:
    struct Host {
        FileDescriptor network;
        std::string address;
    };
    using Way = std::pair<std::string, std::string>;

    // Puts this thread into another network, and back.
    class Visit {
    public:
        explicit Visit(int network);
        ~Visit();
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;

    private:
        FileDescriptor home_;
    };

    void join(const std::string& name, std::size_t number);
    void heal(const std::function<bool(const Way&)>& which);
    std::string rule(const Way& way) const;

    FileDescriptor router_;
    std::map<std::string, Host> hosts_;
    std::vector<Way> cuts_;
};

}  // namespace curfew::test
