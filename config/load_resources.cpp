#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "config/files.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

constexpr std::array ssl_modes{SslMode::disable, SslMode::allow,     SslMode::prefer,
                               SslMode::require, SslMode::verify_ca, SslMode::verify_full};
constexpr std::array login_modes{LoginMode::passthrough, LoginMode::managed, LoginMode::ephemeral};
constexpr std::array authentications{PersonAuthentication::scram, PersonAuthentication::certificate,
                                     PersonAuthentication::scram_or_certificate};
constexpr std::array enforcements{Enforcement::report, Enforcement::terminate};
constexpr std::array left_transactions{LeftTransactions::report, LeftTransactions::rollback};
constexpr std::array store_loss_choices{OnStoreLoss::keep_until_deadline, OnStoreLoss::end};
constexpr std::array recording_modes{policy::RecordingMode::off, policy::RecordingMode::statements,
                                     policy::RecordingMode::full};
constexpr std::uint16_t default_port = 5432;

void read_upstream(const Section& section, Resource& resource) {
    std::uint16_t port = default_port;
    if (const auto value = section.find("port")) {
        port = static_cast<std::uint16_t>(value->number(1, 65535).value_or(port));
    }
    if (const auto host = section.require("host")) {
        resource.upstream = read_upstream(*host, port).value_or(Endpoint{});
    }
}

void read_tls(const Section& section, Resource& resource) {
    const auto value = section.find("tls");
    if (!value) return;
    const Section tls{*value, known::resource_tls};
    if (resource.upstream.is_unix()) {
        value->problem("the upstream is a Unix socket, where TLS is never used; remove this section");
    }
    const auto mode = tls.find("sslmode");
    if (mode) resource.tls.mode = mode->choice(ssl_modes).value_or(resource.tls.mode);
    auto pair = read_certificate_pair(tls);
    resource.tls.certificate_file = std::move(pair.certificate_file);
    resource.tls.key_file = std::move(pair.key_file);
    resource.tls.root_certificate_file = read_authorities(tls, "root_certificate");
    const bool verifies =
        resource.tls.mode == SslMode::verify_ca || resource.tls.mode == SslMode::verify_full;
    if (verifies && !tls.find("root_certificate")) {
        mode->problem(fmt::format("{} needs 'root_certificate', the authorities to verify the server by",
                                  to_string(resource.tls.mode)));
    }
}

void read_databases(const Section& section, Resource& resource) {
    const auto value = section.find("databases");
    if (value) {
        auto names = read_names(*value);
        if (names && names->empty()) {
            value->problem("the list is empty; name the databases, or leave the key out to allow any");
        }
        resource.databases = std::move(names).value_or(std::vector<std::string>{});
        if (!resource.databases.empty()) resource.default_database = resource.databases.front();
    }
    if (const auto chosen = section.find("default_database")) {
        const auto name = read_name(*chosen);
        if (!name) return;
        resource.default_database = *name;
        if (!resource.allows_database(*name)) {
            chosen->problem(
                fmt::format("the database '{}' is not among this resource's 'databases'", printable(*name)));
        }
    }
}

UpstreamRole read_role(const Value& value) {
    const Section section{value, known::role};
    UpstreamRole role;
    if (const auto user = section.require("user")) role.user = read_name(*user).value_or("");
    read_secret(section, "password", role.password, role.password_reference);
    return role;
}

EphemeralRoles read_ephemeral(const Value& value) {
    const Section section{value, known::ephemeral};
    EphemeralRoles roles;
    if (const auto member_of = section.require("member_of")) {
        auto names = read_names(*member_of);
        if (names && names->empty()) {
            member_of->problem("the list is empty; name the roles whose rights people get");
        }
        roles.member_of = std::move(names).value_or(std::vector<std::string>{});
    }
    if (const auto owner = section.require("owner")) roles.owner = read_name(*owner).value_or("");
    return roles;
}

// What each login needs beside it, and what has no effect with it.
void check_login(const Section& section, const Value& value, const Resource& resource) {
    const auto useless = [&](std::string_view key, std::string_view why) {
        if (const auto given = section.find(key)) {
            given->problem(fmt::format("has no effect with login: {}, {}, or remove it",
                                       to_string(resource.login), why));
        }
    };
    switch (resource.login) {
        case LoginMode::passthrough: {
            constexpr std::string_view why = "where people log in as themselves; write login: managed";
            useless("role", why);
            useless("authentication", why);
            useless("ephemeral", "where people log in as themselves; write login: ephemeral");
            return;
        }
        case LoginMode::managed:
            if (!resource.role && section.readable()) {
                value.problem("login: managed needs 'role', the role that Curfew logs in with");
            }
            useless("ephemeral", "where everybody works as 'role'; write login: ephemeral");
            return;
        case LoginMode::ephemeral:
            if (!resource.ephemeral && section.readable()) {
                value.problem(
                    "login: ephemeral needs 'ephemeral', which says what the roles are like that Curfew "
                    "makes");
            }
            if (!section.find("admin_login") && section.readable()) {
                value.problem("login: ephemeral needs 'admin_login', the role that makes and drops roles");
            }
            useless("role", "where each person has a role of their own; write login: managed");
            return;
    }
}

// A person who is a member of the administrative role could do all that Curfew can, and undo it.
void check_ephemeral(const Section& section, const Resource& resource) {
    if (!resource.ephemeral || !resource.admin_login) return;
    const auto& roles = resource.ephemeral->member_of;
    const std::string& admin = resource.admin_login->user;
    if (std::find(roles.begin(), roles.end(), admin) == roles.end() || admin.empty()) return;
    section.find("ephemeral")
        ->problem(fmt::format(
            "'member_of' names '{}', the role of 'admin_login': people would be able to make and drop "
            "roles themselves",
            printable(admin)));
}

void read_login(const Section& section, const Value& value, Resource& resource) {
    const auto mode = section.find("login");
    const auto login = mode ? mode->choice(login_modes) : LoginMode::passthrough;
    const auto authentication = section.find("authentication");
    if (authentication) {
        resource.authentication = authentication->choice(authentications).value_or(resource.authentication);
    }
    if (const auto role = section.find("role")) resource.role = read_role(*role);

    if (const auto ephemeral = section.find("ephemeral")) resource.ephemeral = read_ephemeral(*ephemeral);

    // With a login that could not be read there is no telling what belongs to it.
    if (!login) return;
    resource.login = *login;
    check_login(section, value, resource);
}

AdminLogin read_admin_login(const Value& value) {
    const Section section{value, known::admin_login};
    AdminLogin login;
    if (const auto user = section.require("user")) login.user = read_name(*user).value_or("");
    read_secret(section, "password", login.password, login.password_reference);
    if (const auto database = section.find("database")) {
        login.database = read_name(*database).value_or(login.database);
    }
    return login;
}

// What follows the sessions' ends, and looks for who has none: by the administrative login alone.
void read_aftermath(const Section& section, Resource& resource) {
    using namespace std::chrono_literals;
    const auto ungoverned = section.find("ungoverned");
    const auto transactions = section.find("prepared_transactions");
    for (const auto& value : {ungoverned, transactions}) {
        if (value && !section.find("admin_login"))
            value->problem(
                "has no effect without 'admin_login', the role that looks; add it, or remove this");
    }
    if (transactions) {
        resource.prepared_transactions =
            transactions->choice(left_transactions).value_or(resource.prepared_transactions);
    }
    if (!ungoverned) return;
    const Section settings{*ungoverned, known::ungoverned};
    if (const auto enforce = settings.find("enforce"))
        resource.ungoverned.enforce = enforce->choice(enforcements).value_or(resource.ungoverned.enforce);
    if (const auto interval = settings.find("interval")) {
        resource.ungoverned.interval = interval->duration(100ms, 1h).value_or(resource.ungoverned.interval);
    }
}

}  // namespace

Attributes read_attributes(const Section& section) {
    Attributes attributes;
    const auto value = section.find("attributes");
    if (!value) return attributes;
    const auto members = value->members();
    if (!members) return attributes;
    for (const auto& [name, attribute] : *members) {
        if (auto wrong = wrong_name(name)) attribute.problem(std::move(*wrong));
        if (auto text = attribute.text(1000)) attributes.emplace(name, std::move(*text));
    }
    return attributes;
}

Resource read_resource(const std::string& name, const Value& value) {
    using namespace std::chrono_literals;
    const Section section{value, known::resource};
    Resource resource;
    resource.name = name;
    if (auto wrong = wrong_plain_name(name)) value.name_problem(std::move(*wrong));
    resource.description = read_description(section);
    read_upstream(section, resource);
    read_tls(section, resource);
    read_databases(section, resource);
    read_login(section, value, resource);
    if (const auto login = section.find("admin_login")) resource.admin_login = read_admin_login(*login);
    check_ephemeral(section, resource);
    read_aftermath(section, resource);
    if (const auto choice = section.find("on_store_loss"))
        resource.on_store_loss = choice->choice(store_loss_choices).value_or(resource.on_store_loss);
    if (const auto mode = section.find("recording"))
        resource.recording = mode->choice(recording_modes).value_or(resource.recording);
    if (const auto last = section.find("wind_down")) resource.wind_down = last->duration(1s, 1h);
    resource.attributes = read_attributes(section);
    return resource;
}

void read_resources(const Section& top, Config& config) {
    const auto value = top.find("resources");
    if (!value) return;
    const auto members = value->members();
    if (!members) return;
    for (const auto& [name, resource] : *members) {
        config.resources.emplace(name, read_resource(name, resource));
    }
}

}  // namespace curfew::config
