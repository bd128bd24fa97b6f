// What is kept of recorded sessions: recordings.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "config/address.hpp"
#include "config/files.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kib = std::uint64_t{1} << 10U;
constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
constexpr std::uint64_t gib = std::uint64_t{1} << 30U;
constexpr std::uint64_t tib = std::uint64_t{1} << 40U;

constexpr std::size_t most_redactions = 100;
constexpr std::size_t longest_redaction = 1000;   // bytes of a pattern
constexpr std::uint64_t most_parameters = 65535;  // that a Bind can have
constexpr std::size_t longest_prefix = 500;
constexpr std::size_t longest_region = 64;
constexpr std::size_t longest_key_id = 255;
constexpr std::size_t longest_endpoint = 1000;

// Of a session for its recording.
constexpr Duration shortest_wait = 1s;
constexpr Duration longest_wait = 1min;

constexpr std::array failure_choices{OnRecordingFailure::end, OnRecordingFailure::continue_};

// A regular expression that compiles within the memory that it will have.
std::optional<std::string> read_redaction_pattern(const Value& value) {
    auto text = value.text(longest_redaction, "a regular expression (RE2)");
    if (!text) return std::nullopt;
    RE2::Options options;
    options.set_max_mem(redaction_pattern_memory);
    options.set_log_errors(false);
    const RE2 pattern{*text, options};
    if (!pattern.ok()) {
        value.problem(fmt::format("'{}' is not a regular expression: {}; write one in RE2's syntax",
                                  printable(*text, 80), printable(pattern.error())));
        return std::nullopt;
    }
    if (RE2::FullMatch("", pattern)) {
        value.problem(fmt::format("'{}' matches nothing at all as well: it would be found everywhere",
                                  printable(*text, 80)));
        return std::nullopt;
    }
    return text;
}

std::vector<Value> redaction_items(const Section& section, std::string_view key) {
    const auto value = section.find(key);
    if (!value) return {};
    auto items = value->list().value_or(std::vector<Value>{});
    if (items.size() <= most_redactions) return items;
    value->problem(fmt::format("expected at most {} of them, found {}", most_redactions, items.size()));
    return {};
}

void read_redacted_parameters(const Section& section, StatementRedaction& redaction) {
    const auto value = section.find("parameters");
    if (!value) return;
    if (value->node().kind == DocumentNode::Kind::text && value->node().text == "all") return;
    if (value->node().kind != DocumentNode::Kind::list || value->node().items.empty()) {
        value->expected("'all', or a list of parameters by their numbers ([1, 3] for $1 and $3)");
        return;
    }
    for (const Value& item : value->list().value_or(std::vector<Value>{})) {
        const auto number = item.number(1, most_parameters);
        if (number && !redaction.parameters.insert(static_cast<unsigned>(*number)).second)
            item.problem(fmt::format("{} is listed twice", *number));
    }
}

StatementRedaction read_redacted_statement(const Value& value) {
    const Section section{value, known::redacted_statement};
    StatementRedaction redaction;
    if (const auto pattern = section.require("pattern"))
        redaction.pattern = read_redaction_pattern(*pattern).value_or("");
    read_redacted_parameters(section, redaction);
    return redaction;
}

void read_redact(const Section& recordings, Redaction& redact) {
    const auto value = recordings.find("redact");
    if (!value) return;
    const Section section{*value, known::redact};
    for (const Value& item : redaction_items(section, "patterns")) {
        if (auto pattern = read_redaction_pattern(item)) redact.patterns.push_back(std::move(*pattern));
    }
    for (const Value& item : redaction_items(section, "statements"))
        redact.statements.push_back(read_redacted_statement(item));
    if (const auto passwords = section.find("passwords"))
        redact.passwords = passwords->flag().value_or(redact.passwords);
}

// By the rules for names of buckets, but for those that no endpoint but Amazon's cares for.
void read_bucket(const Value& value, S3Settings& s3) {
    const auto text = value.text(255, "a bucket's name");
    if (!text) return;
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    if (text->size() >= 3 && text->size() <= 63 && std::all_of(text->begin(), text->end(), plain) &&
        text->find("..") == std::string::npos && text->front() != '.') {
        s3.bucket = *text;
    } else {
        value.expected("a bucket's name (3 to 63 of the characters a-z 0-9 . -)");
    }
}

// Ends up with a slash at its end, or empty.
void read_prefix(const Value& value, S3Settings& s3) {
    if (value.node().kind == DocumentNode::Kind::text && value.node().text.empty()) return;
    auto text = value.text(longest_prefix, "the beginning of all keys (curfew/prod)");
    if (!text) return;
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_' || c == '/';
    };
    const std::string as_path = "/" + *text + "/";
    const bool has_steps = as_path.find("/./") != std::string::npos ||
                           as_path.find("/../") != std::string::npos || text->front() == '/' ||
                           text->find("//") != std::string::npos;
    if (has_steps || !std::all_of(text->begin(), text->end(), plain)) {
        value.expected(
            "a prefix of the characters A-Z a-z 0-9 - . _ /, with no '/' before it, no '//' and "
            "no '.' or '..' alone in it");
        return;
    }
    if (!text->ends_with('/')) *text += '/';
    s3.prefix = std::move(*text);
}

void read_endpoint(const Value& value, S3Settings& s3) {
    auto text = value.text(longest_endpoint, "an address (https://s3.eu-central-1.amazonaws.com)");
    if (!text) return;
    if (text->ends_with('/')) text->pop_back();
    if (auto wrong = wrong_url(*text, UrlPath::refused)) {
        value.problem(std::move(*wrong));
    } else {
        s3.endpoint = std::move(*text);
    }
}

void read_region(const Value& value, S3Settings& s3) {
    const auto text = value.text(longest_region, "a region (eu-central-1)");
    if (!text) return;
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    if (std::all_of(text->begin(), text->end(), plain)) {
        s3.region = *text;
    } else {
        value.expected("a region (eu-central-1)");
    }
}

S3Settings read_s3(const Value& value) {
    const Section section{value, known::s3};
    S3Settings s3;
    if (const auto endpoint = section.require("endpoint")) read_endpoint(*endpoint, s3);
    if (const auto region = section.find("region")) read_region(*region, s3);
    if (const auto bucket = section.require("bucket")) read_bucket(*bucket, s3);
    if (const auto prefix = section.find("prefix")) read_prefix(*prefix, s3);
    if (const auto id = section.require("access_key_id")) {
        s3.access_key_id = id->text(longest_key_id, "an access key's identifier").value_or("");
        if (s3.access_key_id.find_first_of(" /,:") != std::string::npos)
            id->problem("expected an access key's identifier, without blanks and without / , and :");
    }
    require_secret(section, "secret_access_key", s3.secret_access_key, s3.secret_access_key_reference);
    s3.root_certificate_file = read_authorities(section, "root_certificate");
    if (const auto keep = section.find("keep_local")) s3.keep_local = keep->flag().value_or(s3.keep_local);
    if (const auto size = section.find("part_bytes"))
        s3.part_bytes = size->byte_size(256 * kib, 64 * mib).value_or(s3.part_bytes);
    const auto interval = section.find("part_interval");
    if (interval) s3.part_interval = interval->duration(1s, 1h).value_or(s3.part_interval);
    const auto delay = section.find("max_delay");
    if (delay) s3.max_delay = delay->duration(10s, 24h).value_or(s3.max_delay);
    if (s3.max_delay <= s3.part_interval) {
        const auto& blamed = delay ? *delay : interval.value_or(value);
        blamed.problem("'max_delay' is not longer than 'part_interval': every recording would be late");
    }
    return s3;
}

void read_keep_for(const Value& value, Recordings& recordings) {
    if (value.node().kind == DocumentNode::Kind::text && value.node().text == "forever") {
        recordings.keep_for.reset();
    } else if (const auto keep = value.duration(1h, 366 * 24h)) {
        recordings.keep_for = *keep;
    }
}

// Beside the store's file, where there is one.
std::string default_directory(const Config& config) {
    if (config.store.path.empty()) return "/var/lib/curfew/recordings";
    return (std::filesystem::path{config.store.path}.parent_path() / "recordings").string();
}

}  // namespace

void read_recordings(const Section& top, Config& config) {
    Recordings& recordings = config.recordings;
    recordings.directory = default_directory(config);
    const auto value = top.find("recordings");
    if (!value) return;
    const Section section{*value, known::recordings};
    if (const auto directory = section.find("directory"))
        recordings.directory = read_path(*directory).value_or(recordings.directory);
    if (const auto keep = section.find("keep_for")) read_keep_for(*keep, recordings);
    if (const auto keep = section.find("keep_bytes"))
        recordings.keep_bytes = keep->byte_size(mib, 1024 * tib);
    if (const auto size = section.find("result_bytes"))
        recordings.result_bytes = size->byte_size(0, gib).value_or(recordings.result_bytes);
    if (const auto size = section.find("statement_bytes"))
        recordings.statement_bytes = size->byte_size(kib, 64 * mib).value_or(recordings.statement_bytes);
    read_redact(section, recordings.redact);
    if (const auto wait = section.find("max_wait"))
        recordings.max_wait = wait->duration(shortest_wait, longest_wait).value_or(recordings.max_wait);
    if (const auto choice = section.find("on_failure"))
        recordings.on_failure = choice->choice(failure_choices).value_or(recordings.on_failure);
    if (const auto s3 = section.find("s3")) recordings.s3 = read_s3(*s3);
}

}  // namespace curfew::config
