#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/duration.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

using namespace std::chrono_literals;

constexpr std::array log_levels{log::Level::debug, log::Level::info, log::Level::warning, log::Level::error};
constexpr std::array log_formats{log::Format::json, log::Format::human};
constexpr std::array<std::string_view, 2> log_format_words{"json", "human"};
constexpr std::size_t most_warnings = 16;
constexpr std::size_t longest_how_to_ask = 500;

void read_duration(const Section& section, std::string_view key, Duration least, Duration most,
                   Duration& into) {
    if (const auto value = section.find(key)) into = value->duration(least, most).value_or(into);
}

void read_count(const Section& section, std::string_view key, std::uint32_t& into) {
    constexpr std::uint64_t most = 1'000'000;
    if (const auto value = section.find(key)) {
        into = static_cast<std::uint32_t>(value->number(1, most).value_or(into));
    }
}

void read_store(const Section& top, Config& config) {
    const auto value = top.require("store");
    if (!value) return;
    const Section section{*value, known::store};
    const auto path = section.find("path");
    const auto postgresql = section.find("postgresql");
    if (!path && !postgresql)
        value->problem("names neither a 'path' nor a 'postgresql' to keep everything in");
    if (path && postgresql)
        postgresql->problem("does not go with 'path': the store is in the one or the other");
    if (path) config.store.path = read_path(*path).value_or("");
    if (postgresql) config.store.postgresql = postgresql->text().value_or("");
    read_secret(section, "password", config.store.password, config.store.password_reference);
    if (path && config.store.password_reference)
        value->problem("has a 'password', which only a store in PostgreSQL asks for");
    read_duration(section, "max_staleness", 1s, 24h, config.store.max_staleness);
    read_duration(section, "node_lease", 2s, 1h, config.store.node_lease);
}

void read_metrics(const Section& top, Config& config) {
    const auto value = top.find("metrics");
    if (!value) return;
    const Section section{*value, known::metrics};
    if (const auto address = section.require("address")) {
        config.metrics = read_address(*address, UnixSockets::refused);
    }
}

void read_admin(const Section& top, Config& config) {
    const auto value = top.find("admin");
    if (!value) return;
    const Section section{*value, known::admin};
    if (const auto socket = section.find("socket")) {
        config.admin_socket = read_socket_path(*socket).value_or(config.admin_socket);
    }
    if (const auto group = section.find("group")) {
        config.admin_group = read_plain_name(*group).value_or(config.admin_group);
    }
}

void read_timeouts(const Section& top, Config& config) {
    const auto value = top.find("timeouts");
    if (!value) return;
    const Section section{*value, known::timeouts};
    read_duration(section, "handshake", 100ms, 10min, config.timeouts.handshake);
    read_duration(section, "upstream_connect", 100ms, 10min, config.timeouts.upstream_connect);
    // Time taken for a farewell is time past the deadline.
    read_duration(section, "farewell", 1ms, 1s, config.timeouts.farewell);
    read_duration(section, "drain", 1ms, 24h, config.timeouts.drain);
}

void read_limits(const Section& top, Config& config) {
    const auto value = top.find("limits");
    if (!value) return;
    const Section section{*value, known::limits};
    read_count(section, "half_open", config.limits.half_open);
    read_count(section, "sessions", config.limits.sessions);
}

void read_warnings(const Section& top, Config& config) {
    const auto value = top.find("warnings");
    if (!value) return;
    const auto items = value->list();
    if (!items) return;
    if (items->size() > most_warnings) {
        value->problem(fmt::format("expected at most {} warnings, found {}", most_warnings, items->size()));
        return;
    }
    config.warnings.clear();
    for (const Value& item : *items) {
        const auto before = item.duration(100ms, 366 * 24h);
        if (!before) continue;
        if (std::find(config.warnings.begin(), config.warnings.end(), *before) != config.warnings.end()) {
            item.problem(
                fmt::format("a warning {} before the end is listed twice", format_duration(*before)));
        }
        config.warnings.push_back(*before);
    }
    std::sort(config.warnings.begin(), config.warnings.end(), std::greater<>{});
}

void read_how_to_ask(const Section& top, Config& config) {
    const auto value = top.find("how_to_ask");
    if (!value && config.api) config.how_to_ask = "Ask for it: curfew connect {resource}";
    if (!value) return;
    // YAML's block forms (`>`, `|`) end in a newline that nobody means.
    DocumentNode sentence = value->node();
    while (sentence.text.ends_with('\n'))
        sentence.text.pop_back();
    if (sentence.kind == DocumentNode::Kind::text && sentence.text.empty()) return;
    const Value trimmed{value->context(), sentence, value->key(), value->place()};
    config.how_to_ask = trimmed.text(longest_how_to_ask, "a sentence").value_or("");
}

void read_log(const Section& top, Config& config) {
    const auto value = top.find("log");
    if (!value) return;
    const Section section{*value, known::log};
    if (const auto format = section.find("format")) {
        if (const auto index = format->word(log_format_words)) config.log.format = log_formats[*index];
    }
    if (const auto level = section.find("level")) {
        config.log.level = level->choice(log_levels).value_or(config.log.level);
    }
}

}  // namespace

void read_settings(const Section& top, Config& config) {
    read_store(top, config);
    read_metrics(top, config);
    read_admin(top, config);
    read_timeouts(top, config);
    read_limits(top, config);
    read_warnings(top, config);
    read_how_to_ask(top, config);
    read_log(top, config);
    if (const auto node = top.find("node")) config.node = read_plain_name(*node).value_or("");
    if (const auto workers = top.find("workers")) {
        config.workers = static_cast<unsigned>(workers->number(0, 256).value_or(0));
    }
}

}  // namespace curfew::config
