// Where a request may go, by the address that its name leads to.
#pragma once

#include <vector>

#include "base/ip_network.hpp"

struct sockaddr;

namespace curfew::http {

// Looked at when a connection is about to be made, and not when a name is read: what the name leads to may
// have changed by then.
class Destinations {
public:
    // Wherever a name leads.
    Destinations() = default;
    // Addresses of the public internet, and these networks. Nothing on this machine, in its own network, or
    // where clouds keep what is told to a machine alone, which somebody who has a say in a name could
    // otherwise have us speak to.
    static Destinations public_and(std::vector<IpNetwork> allowed);

    bool are_limited() const noexcept { return limited_; }
    bool allow(const IpAddress& address) const;
    // The same for what a socket is about to connect to; not where it is of no family that is known here.
    bool allow(const sockaddr* address) const;

private:
    bool limited_ = false;
    std::vector<IpNetwork> allowed_;
};

// Whether an address is one of the public internet: not of a kind that the registries of special-purpose
// addresses keep for something else (IANA; RFC 6890), and not one that a cloud uses for its own machines.
// An IPv6 address that stands for one of IPv4 (mapped, NAT64, 6to4) is what that one is.
bool is_public(const IpAddress& address);

}  // namespace curfew::http
