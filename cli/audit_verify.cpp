#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <ostream>
#include <utility>

#include "audit/proof/head.hpp"
#include "audit/proof/trail_line.hpp"
#include "audit/proof/verification.hpp"
#include "base/counted.hpp"
#include "base/ed25519.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/audit.hpp"
#include "cli/audit_pages.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"
#include "store/sqlite/trail.hpp"

namespace curfew::cli {
namespace {

using audit::Fault;
using audit::Finding;
using audit::TrailVerifier;
using audit::VerifiedTrail;

constexpr std::size_t longest_key_file = 4096;
constexpr std::size_t most_unreadable = 100;

Failure cannot_read(const std::string& file) {
    return {ExitCode::usage, "Cannot read " + printable(file, 4096)};
}

Outcome<std::string> key_in(const std::string& file) {
    std::ifstream stream{file};
    std::string text(longest_key_file, '\0');
    if (!stream) return cannot_read(file);
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    auto key = parse_ed25519_public_key(text);
    if (!key) return Failure{ExitCode::usage, printable(file, 4096) + ": " + key.error().message};
    return std::move(*key);
}

// Those that were named, or else what the server says is its own.
Outcome<std::vector<std::string>> keys_of(const Context& context, const TrailVerification& wanted) {
    std::vector<std::string> keys;
    for (const std::string& file : wanted.keys) {
        auto key = key_in(file);
        if (!key) return key.error();
        keys.push_back(std::move(*key));
    }
    if (!keys.empty() || wanted.heads.empty()) return keys;
    if (!wanted.from.empty() || !wanted.from_store.empty()) {
        return Failure{ExitCode::usage,
                       "--heads needs --key, the public key that they are signed with (curfew audit key)"};
    }
    const auto answer = context.client.get("/audit-key");
    if (!answer) return answer.error();
    auto key = parse_ed25519_public_key(text_of(answer->document, "public_key"));
    if (!key) return Failure{ExitCode::failed, "The server's key: " + key.error().message};
    keys.push_back(std::move(*key));
    return keys;
}

// What is wrong with lines, and not with the trail.
class Lines {
public:
    void unreadable(const std::string& file, std::size_t line, const std::string& why) {
        add(Fault::unreadable, 0, fmt::format("{} line {}: {}", file, line, why));
    }
    void forged(const std::string& file, std::size_t line, const audit::Head& head) {
        add(Fault::forged, head.place.number,
            fmt::format(
                "{} line {}: the head of event {} is not signed by any of the keys; it says that it is "
                "by {}",
                file, line, head.place.number, printable(head.key)));
    }
    // Before those of the trail.
    void put_into(VerifiedTrail& trail) {
        trail.findings.insert(trail.findings.begin(), std::make_move_iterator(findings_.begin()),
                              std::make_move_iterator(findings_.end()));
        trail.more_findings += more_;
    }

private:
    void add(Fault fault, store::EventNumber number, std::string what) {
        if (findings_.size() < most_unreadable) {
            findings_.push_back({fault, number, number, std::move(what)});
        } else {
            ++more_;
        }
    }

    std::vector<Finding> findings_;
    std::uint64_t more_ = 0;
};

bool is_signed_by_one_of(const audit::SignedHead& head, const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        if (audit::is_signed_by(head, key)) return true;
    }
    return false;
}

Outcome<void> read_heads(const TrailVerification& wanted, const std::vector<std::string>& keys,
                         TrailVerifier& verifier, Lines& lines) {
    for (const std::string& file : wanted.heads) {
        std::ifstream stream{file};
        if (!stream) return cannot_read(file);
        std::size_t number = 0;
        for (std::string line; std::getline(stream, line);) {
            ++number;
            if (line.empty()) continue;
            const auto head = audit::read_signed_head(line);
            if (!head) {
                lines.unreadable(file, number, head.error().message);
            } else if (!is_signed_by_one_of(*head, keys)) {
                lines.forged(file, number, head->head);
            } else if (head->head.place.number > 0) {
                verifier.vouch(head->head.place, "the head of " + format_utc(head->head.at));
            }
        }
    }
    return {};
}

void read_lines(std::istream& stream, const std::string& file, TrailVerifier& verifier, Lines& lines) {
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (line.empty()) continue;
        auto event = audit::read_trail_line(line);
        if (event) {
            verifier.add(std::move(*event));
        } else {
            lines.unreadable(file, number, event.error().message);
        }
    }
}

Outcome<void> read_from_store(const std::string& path, TrailVerifier& verifier) {
    const auto read =
        store::read_trail(path, [&verifier](store::ListedEvent event) { verifier.add(std::move(event)); });
    if (read) return {};
    const bool is_there = read.error().code != ErrorCode::not_found;
    return Failure{is_there ? ExitCode::unreachable : ExitCode::not_found, read.error().message};
}

Outcome<void> read_events(const Context& context, const TrailVerification& wanted, TrailVerifier& verifier,
                          Lines& lines) {
    if (!wanted.from_store.empty()) return read_from_store(wanted.from_store, verifier);
    if (wanted.from == "-") {
        read_lines(std::cin, "standard input,", verifier, lines);
        return {};
    }
    if (!wanted.from.empty()) {
        std::ifstream stream{wanted.from};
        if (!stream) return cannot_read(wanted.from);
        read_lines(stream, wanted.from, verifier, lines);
        return {};
    }
    std::size_t number = 0;
    return for_each_event(context.client, "", [&](const boost::json::value& value) {
        ++number;
        auto event = audit::event_of(value);
        if (event) {
            verifier.add(std::move(*event));
        } else {
            lines.unreadable("the server's", number, event.error().message);
        }
        return true;
    });
}

// That there have to be so many is known without their hashes.
void check_length(const TrailVerification& wanted, VerifiedTrail& trail) {
    if (trail.head.number >= wanted.at_least) return;
    const store::EventNumber first = trail.head.number + 1;
    trail.findings.push_back(
        {Fault::truncated, first, wanted.at_least,
         fmt::format("The trail ends with event {}, before event {}", trail.head.number, wanted.at_least)});
}

std::string shown_range(const Finding& finding) {
    if (finding.first == 0) return "";
    if (finding.first == finding.last) return std::to_string(finding.first);
    return fmt::format("{}-{}", finding.first, finding.last);
}

void print_text(const Context& context, const VerifiedTrail& trail) {
    if (!trail.findings.empty()) {
        Table table{{"FAULT", "EVENTS", "WHAT"}};
        for (const Finding& finding : trail.findings)
            table.add(
                {{std::string{to_string(finding.fault)}, Style::red}, shown_range(finding), finding.what});
        context.out << table.render(context.terminal);
        fmt::print(context.out, "The audit trail is not what was written: {} in {}.\n",
                   counted(trail.findings.size() + trail.more_findings, "finding"),
                   counted(trail.events, "event"));
        return;
    }
    if (trail.events == 0) {
        context.out << "There are no events.\n";
        return;
    }
    fmt::print(context.out, "The audit trail is unbroken: {} events, {} to {}.\n", trail.events, trail.first,
               trail.head.number);
    fmt::print(context.out, "The last one has the hash {}.\n", to_hex(trail.head.hash));
    if (trail.heads > 0) {
        fmt::print(context.out, "{} signed heads agree with it, up to event {}.\n", trail.heads,
                   trail.vouched);
    } else {
        context.out << "No signed head was held against it: whether its end was cut off, or all of it was "
                       "written anew, shows by --heads.\n";
    }
}

void print_json(const Context& context, const VerifiedTrail& trail) {
    boost::json::array findings;
    for (const Finding& finding : trail.findings) {
        findings.emplace_back(boost::json::object{{"fault", to_string(finding.fault)},
                                                  {"first", finding.first},
                                                  {"last", finding.last},
                                                  {"what", finding.what}});
    }
    const boost::json::object document{{"ok", trail.findings.empty()},
                                       {"events", trail.events},
                                       {"first", trail.first},
                                       {"last", trail.head.number},
                                       {"hash", to_hex(trail.head.hash)},
                                       {"heads", trail.heads},
                                       {"vouched", trail.vouched},
                                       {"findings", std::move(findings)},
                                       {"more_findings", trail.more_findings}};
    context.out << boost::json::serialize(document) << '\n';
}

}  // namespace

ExitCode verify_trail(const Context& context, const TrailVerification& wanted) {
    const auto keys = keys_of(context, wanted);
    if (!keys) return report(context, keys.error());
    TrailVerifier verifier{wanted.excerpt ? TrailVerifier::Begin::anywhere
                                          : TrailVerifier::Begin::with_the_first};
    Lines lines;
    if (const auto read = read_heads(wanted, *keys, verifier, lines); !read)
        return report(context, read.error());
    if (const auto read = read_events(context, wanted, verifier, lines); !read)
        return report(context, read.error());
    VerifiedTrail trail = verifier.finish();
    check_length(wanted, trail);
    lines.put_into(trail);
    if (context.json) {
        print_json(context, trail);
    } else {
        print_text(context, trail);
    }
    return trail.findings.empty() ? ExitCode::ok : ExitCode::findings;
}

}  // namespace curfew::cli
