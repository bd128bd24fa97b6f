#include "config/diff.hpp"

#include <fmt/format.h>

#include <string_view>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace curfew::config {
namespace {

std::string metrics_address(const Config& config) {
    return config.metrics ? to_string(*config.metrics) : "nothing";
}

std::string api_address(const Config& config) {
    return config.api ? to_string(config.api->address) : "nothing";
}

std::string offline_directory(const Config& config) {
    return config.offline_grants ? config.offline_grants->directory : "nothing";
}

std::string text_of(const std::optional<std::string>& text) {
    return text.value_or("nothing");
}

std::string syslog_receiver(const Config& config) {
    return config.audit.syslog ? to_string(*config.audit.syslog) : "nothing";
}

// It may hold a token, so it is compared, and not shown.
std::string audit_webhook(const Config& config) {
    return config.audit.webhook ? config.audit.webhook->url : std::string{};
}

std::string workers(const Config& config) {
    return config.workers == 0 ? "one a core" : std::to_string(config.workers);
}

bool is_same(const std::optional<S3Settings>& one, const std::optional<S3Settings>& other) {
    return one.has_value() == other.has_value() && (!one || config::is_same(*one, *other));
}

}  // namespace

std::vector<std::string> needs_restart(const Config& running, const Config& wanted) {
    std::vector<std::string> sentences;
    const auto compare = [&](std::string_view key, const std::string& is, const std::string& will_be) {
        if (is == will_be) return;
        sentences.push_back(fmt::format("{} stays {} until curfewd is restarted; the file says {}", key,
                                        printable(is, 4096), printable(will_be, 4096)));
    };
    compare("store.path", running.store.path, wanted.store.path);
    compare("store.postgresql", running.store.postgresql, wanted.store.postgresql);
    compare("recordings.directory", running.recordings.directory, wanted.recordings.directory);
    // What changed may be a secret.
    if (!is_same(running.recordings.s3, wanted.recordings.s3))
        sentences.emplace_back("recordings.s3 stays as it is until curfewd is restarted");
    compare("metrics.address", metrics_address(running), metrics_address(wanted));
    compare("admin.socket", running.admin_socket, wanted.admin_socket);
    compare("admin.group", running.admin_group, wanted.admin_group);
    compare("audit.signing_key_file", text_of(signing_key_file(running)), text_of(signing_key_file(wanted)));
    compare("audit.heads.file", text_of(running.audit.heads.file), text_of(wanted.audit.heads.file));
    compare("audit.heads.interval", format_duration(running.audit.heads.interval),
            format_duration(wanted.audit.heads.interval));
    compare("audit.syslog.address", syslog_receiver(running), syslog_receiver(wanted));
    if (audit_webhook(running) != audit_webhook(wanted))
        sentences.emplace_back("audit.webhook.url stays as it is until curfewd is restarted");
    compare("node", running.node, wanted.node);
    compare("workers", workers(running), workers(wanted));
    // Left out, they are taken no more at once.
    if (wanted.offline_grants)
        compare("offline_grants.directory", offline_directory(running), offline_directory(wanted));
    compare("api.address", api_address(running), api_address(wanted));
    return sentences;
}

void keep_until_restart(const Config& running, Config& wanted) {
    wanted.store.path = running.store.path;
    wanted.store.postgresql = running.store.postgresql;
    wanted.recordings.directory = running.recordings.directory;
    wanted.recordings.s3 = running.recordings.s3;
    wanted.metrics = running.metrics;
    wanted.admin_socket = running.admin_socket;
    wanted.admin_group = running.admin_group;
    wanted.audit = running.audit;
    wanted.node = running.node;
    wanted.workers = running.workers;
    if (wanted.offline_grants && offline_directory(running) != offline_directory(wanted)) {
        if (running.offline_grants) {
            wanted.offline_grants->directory = running.offline_grants->directory;
        } else {
            wanted.offline_grants.reset();
        }
    }
    // With its TLS: that of another address may be none at all.
    if (api_address(running) != api_address(wanted)) wanted.api = running.api;
}

}  // namespace curfew::config
