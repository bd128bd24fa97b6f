#include "config/config.hpp"

#include <algorithm>

namespace curfew::config {

std::string to_string(const Endpoint& endpoint) {
    if (endpoint.is_unix()) return endpoint.host;
    const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
    return host + ":" + std::to_string(endpoint.port);
}

std::string_view to_string(ClientTls mode) {
    switch (mode) {
        case ClientTls::disable:
            return "disable";
        case ClientTls::allow:
            return "allow";
        case ClientTls::require:
            return "require";
    }
    return "unknown";
}

std::string_view to_string(SslMode mode) {
    switch (mode) {
        case SslMode::disable:
            return "disable";
        case SslMode::allow:
            return "allow";
        case SslMode::prefer:
            return "prefer";
        case SslMode::require:
            return "require";
        case SslMode::verify_ca:
            return "verify-ca";
        case SslMode::verify_full:
            return "verify-full";
    }
    return "unknown";
}

std::string_view to_string(LoginMode mode) {
    switch (mode) {
        case LoginMode::passthrough:
            return "passthrough";
        case LoginMode::managed:
            return "managed";
        case LoginMode::ephemeral:
            return "ephemeral";
    }
    return "unknown";
}

std::string_view to_string(Enforcement enforcement) {
    return enforcement == Enforcement::terminate ? "terminate" : "report";
}

std::string_view to_string(LeftTransactions transactions) {
    return transactions == LeftTransactions::rollback ? "rollback" : "report";
}

std::string_view to_string(OnStoreLoss choice) {
    return choice == OnStoreLoss::end ? "end" : "keep-until-deadline";
}

std::string_view to_string(PersonAuthentication method) {
    switch (method) {
        case PersonAuthentication::scram:
            return "scram";
        case PersonAuthentication::certificate:
            return "certificate";
        case PersonAuthentication::scram_or_certificate:
            return "scram_or_certificate";
    }
    return "unknown";
}

std::string_view to_string(SecretReference::Kind kind) {
    switch (kind) {
        case SecretReference::Kind::file:
            return "file";
        case SecretReference::Kind::env:
            return "env";
        case SecretReference::Kind::credential:
            return "credential";
    }
    return "unknown";
}

bool Resource::allows_database(std::string_view database) const {
    return databases.empty() || std::find(databases.begin(), databases.end(), database) != databases.end();
}

bool Resource::reserves_role(std::string_view role_name) const {
    return login == LoginMode::passthrough && upstream.is_unix() && admin_login &&
           admin_login->user == role_name && !admin_login->password && !admin_login->password_file;
}

policy::Directory Config::directory() const {
    policy::Directory directory{accept_unlisted_users};
    // Nothing here can be a conflict in a configuration that was found valid; where it is one all the same,
    // the name goes on meaning whom it meant first.
    for (const auto& [name, user] : users)
        directory.add_user(name);
    for (const auto& [name, user] : users) {
        for (const auto& alias : user.aliases)
            directory.add_alias(alias, name);
    }
    for (const auto& [name, members] : groups) {
        directory.add_group(name);
        for (const auto& member : members) {
            // To add them would make them a user.
            if (accept_unlisted_users || users.contains(member)) directory.add_member(name, member);
        }
    }
    return directory;
}

bool Config::records_sessions() const {
    const auto records = [](const auto& object) { return object.recording != policy::RecordingMode::off; };
    return std::any_of(rules.begin(), rules.end(), records) ||
           std::any_of(resources.begin(), resources.end(),
                       [&records](const auto& named) { return records(named.second); });
}

bool Config::has(const ObjectName& object) const {
    switch (object.kind) {
        case ObjectKind::user:
            return users.contains(object.name);
        case ObjectKind::group:
            return groups.contains(object.name);
        case ObjectKind::resource:
            return resources.contains(object.name);
        case ObjectKind::rule:
            return find_rule(object.name) != nullptr;
    }
    return false;
}

const Resource* Config::find_resource(std::string_view name) const {
    const auto found = resources.find(name);
    return found == resources.end() ? nullptr : &found->second;
}

const User* Config::find_user(std::string_view name) const {
    const auto found = users.find(name);
    return found == users.end() ? nullptr : &found->second;
}

const policy::Rule* Config::find_rule(std::string_view name) const {
    const auto found =
        std::find_if(rules.begin(), rules.end(), [&](const policy::Rule& rule) { return rule.name == name; });
    return found == rules.end() ? nullptr : &*found;
}

}  // namespace curfew::config
