#include "login_ephemeral_fixture.hpp"

namespace curfew::test {

std::string role_of(const std::string& user, const GivenGrant& grant) {
    return "curfew_" + user + "_" + grant.id;
}

void LoginEphemeral::SetUpTestSuite() {
    PostgresOptions options = with_hba(
        {"host all curfew_admin 127.0.0.1/32 scram-sha-256", "host all +app_rw 127.0.0.1/32 scram-sha-256"});
    options.settings["log_statement"] = "'all'";
    postgres = std::make_unique<PostgresCluster>(options);
    postgres->sql(
        "CREATE ROLE app_rw; CREATE ROLE app_owner; ALTER ROLE curfew_admin CREATEROLE;"
        "GRANT app_rw TO curfew_admin WITH ADMIN OPTION; GRANT app_owner TO curfew_admin");
    postgres->sql("CREATE DATABASE shop");
    for (const char* database : {"postgres", "shop"})
        postgres->sql("GRANT CREATE ON SCHEMA public TO app_rw, app_owner", database);
    // PostgreSQL makes a verifier in its own format.
    postgres->sql("CREATE ROLE of_people PASSWORD 'wonderland'");
    verifier = postgres->sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'of_people'");
}

LoginEphemeral::~LoginEphemeral() {
    postgres->sql("ALTER ROLE curfew_admin CREATEROLE; GRANT app_owner TO curfew_admin");
}

YAML::Node LoginEphemeral::config() {
    YAML::Node node = basic_config(*postgres, AdminLogin::present);
    YAML::Node resource = node["resources"][the_resource];
    resource["login"] = "ephemeral";
    resource["ephemeral"]["member_of"].push_back("app_rw");
    resource["ephemeral"]["owner"] = "app_owner";
    resource["admin_login"]["password"]["file"] = secrets.write("admin", "admin-secret").string();
    for (const char* user : {"alice", "bob"})
        node["users"][user]["scram_verifier"]["file"] = secrets.write(user, verifier).string();
    return node;
}

}  // namespace curfew::test
