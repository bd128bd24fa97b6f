// By which lines of pg_hba.conf a role gets in, and from where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/address_range.hpp"

namespace curfew::policy {

// One line, as pg_hba_file_rules shows it.
struct HbaRule {
    int line = 0;
    std::string type;  // `local`, `host`, `hostssl` …
    std::vector<std::string> databases;
    std::vector<std::string> users;  // `all`, `alice`, `+dba`, `/^a`
    std::string address;             // `192.0.2.0`, `all`, `samehost`, `samenet`, a host's name; empty: local
    std::string mask;
    std::string method;
    std::string error;  // why PostgreSQL cannot use the line; empty if it can
};
// The line as it can be written, its options left out: `host all all 192.0.2.0/255.255.255.0 md5`.
std::string to_string(const HbaRule& rule);

// A role, as far as these lines ask.
struct HbaRole {
    std::string name;
    std::vector<std::string> groups;  // the roles that it is a member of, by whatever way
    bool replication = false;         // may open connections that are for replication alone
};

// Where PostgreSQL and Curfew are.
struct HbaPlace {
    // Where PostgreSQL listens (listen_addresses): nowhere, on this machine alone, or for others as well.
    enum class Listens { nowhere, loopback, everywhere };
    Listens listens = Listens::everywhere;
    std::vector<AddressRange> curfew;  // the addresses that Curfew's nodes come from, single ones
    bool curfew_by_socket = false;     // some node comes by the Unix socket

    // Some node runs on the server's own machine.
    bool curfew_is_here() const;
};

// From where a line lets in.
enum class Origin {
    curfew,   // from the machines that Curfew's nodes run on, and no other
    machine,  // from the server's own machine alone
    network,  // from anywhere else as well
};
// What has to be shown there.
enum class Proof {
    nothing,  // `trust`; and `ident`, which asks the client's machine who it is
    account,  // who one is on the server's machine: `peer`
    secret,   // a password, a certificate, a ticket
};

// A line by which at least one of the roles gets in.
struct WayIn {
    HbaRule rule;
    Origin origin{};
    Proof proof{};
    std::vector<std::string> roles;  // in the order asked
};

// The ways in that these lines leave to `roles`, in the order of the lines. Where it cannot be told whether a
// line is for a role (a regular expression, a name that must be looked up) it counts as one; a line that
// others before it leave nothing to does not.
std::vector<WayIn> ways_in(const std::vector<HbaRule>& rules, const std::vector<HbaRole>& roles,
                           const HbaPlace& place);

}  // namespace curfew::policy
