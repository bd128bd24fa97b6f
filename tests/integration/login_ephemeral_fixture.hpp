// Resources with login: ephemeral, before a real PostgreSQL.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/running_curfew.hpp"

namespace curfew::test {

// That people log in to PostgreSQL with, as an end of a connection string.
inline constexpr const char* ephemeral_password = " password=wonderland";

std::string role_of(const std::string& user, const GivenGrant& grant);

class LoginEphemeral : public testing::Test {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite() { postgres.reset(); }

    ~LoginEphemeral() override;

    YAML::Node config();
    static PgConnection connect(const RunningCurfew& curfew, const std::string& user = "alice",
                                const std::string& database = the_resource) {
        return PgConnection{curfew.conninfo(user, database) + ephemeral_password};
    }

    static bool exists(const std::string& role) {
        return postgres->number("SELECT count(*) FROM pg_roles WHERE rolname = '" + role + "'") == 1;
    }
    static bool await_gone(const std::string& role) {
        return postgres->await("NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '" + role + "')");
    }
    static std::string owner_of(const std::string& table, const std::string& database = "postgres") {
        return postgres->sql("SELECT tableowner FROM pg_tables WHERE tablename = '" + table + "'", database);
    }
    // How far the role's VALID UNTIL is from the grant's end.
    static std::string is_valid_until(const std::string& role, const GivenGrant& grant) {
        const auto ends = std::to_string(grant.ends_at.time_since_epoch().count());
        return "(SELECT abs(extract(epoch FROM rolvaliduntil) * 1000 - " + ends +
               ") < 250 FROM pg_roles WHERE rolname = '" + role + "')";
    }

    TemporaryDirectory secrets{"curfew-secrets"};
    static inline std::unique_ptr<PostgresCluster> postgres;
    static inline std::string verifier;
};

}  // namespace curfew::test
