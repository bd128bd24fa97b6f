// People at work: a real curfewd with its API, a real PostgreSQL behind it, and the real `curfew` command for
// each of them.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli_person.hpp"
#include "support/postgres_cluster.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {

// Ada administers, bob approves for the group dba, alice asks, and is on call (group oncall). PostgreSQL asks
// alice for a password (`wonderland`) where she comes by herself; the role `app` is Curfew's, and trusted.
class Office {
public:
    // Signs everybody in, each in a way of their own.
    Office();

    // One for the whole program, there while tests run.
    static Office& shared();

    RunningCurfew& curfew() noexcept { return curfew_; }
    PostgresCluster& postgres() noexcept { return postgres_; }
    const std::string& url() const noexcept { return url_; }

    Person ada{"ada"};
    Person bob{"bob"};
    Person alice{"alice"};

private:
    YAML::Node config();

    PostgresCluster postgres_;
    RunningCurfew curfew_;
    std::string url_;
};

// Each test has a resource of its own, so that no access is left over from another.
class AtTheOffice : public testing::Test {
protected:
    // Prints curfewd's log if the test has failed.
    void TearDown() override;

    // With login managed, opened by a rule that bob reviews; made by a one-liner of ada's.
    std::string new_resource(const std::vector<std::string>& settings = {"--login", "managed", "--role",
                                                                         "app"});
    // The identifier of alice's request for it that waits for bob.
    std::string waiting(const std::string& resource) const;
    // Access of alice's, from now; gives the request.
    std::string get_access(const std::string& resource, const std::string& length = "1h") const;
    std::string grant_of(const std::string& request) const;

    // psql as a local program would be run.
    static CommandResult psql(const std::vector<std::string>& arguments,
                              std::map<std::string, std::string> environment = {});

    Office& office = Office::shared();
    Person& ada = office.ada;
    Person& bob = office.bob;
    Person& alice = office.alice;
};

// The first `r-…` (or other prefix) in a text.
std::string id_in(const std::string& text, const std::string& prefix = "r-");

}  // namespace curfew::test
