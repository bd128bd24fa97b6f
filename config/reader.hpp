// Reading a document key by key. A reader that meets something wrong reports it and goes on, so that all
// problems of a file come to light at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "config/document.hpp"
#include "config/environment.hpp"
#include "config/keys.hpp"
#include "config/problem.hpp"

namespace curfew::config {

// What a live object may refer to: files in one directory, if any, and nothing else of this machine. Whoever
// may make a resource could have any secret sent to a host of theirs otherwise.
struct LiveBounds {
    std::optional<std::string> files;  // that directory; absent: no file at all
};

// What all readers of one document share.
struct Context {
    const Environment& environment;
    std::string directory;  // of the configuration file: relative paths start here
    Report report;
    std::optional<LiveBounds> live = std::nullopt;  // the document is a live object's
};

// One value of the document, with its key. Refers to the document and the context; both must outlive it.
class Value {
public:
    Value(Context& context, const DocumentNode& node, std::string key, Place place);

    Context& context() const noexcept { return *context_; }
    const DocumentNode& node() const noexcept { return *node_; }
    const std::string& key() const noexcept { return key_; }
    Place place() const noexcept { return place_; }
    bool is_nothing() const noexcept { return node_->kind == DocumentNode::Kind::nothing; }

    void problem(std::string message) const;
    // One of the name that stands for this value: of a live object, its member `name`.
    void name_problem(std::string message) const;
    // `expected WHAT, found …`, quoting what was found. Not for secrets.
    void expected(std::string_view what) const;

    // Each of these reads one type; nullopt after reporting that it is something else.

    // One line of text, not empty. `most` bytes at most.
    std::optional<std::string> text(std::size_t most = 4096, std::string_view what = "text") const;
    std::optional<std::uint64_t> number(std::uint64_t least, std::uint64_t most) const;
    std::optional<bool> flag() const;
    std::optional<Duration> duration(Duration least, Duration most) const;
    // A number of bytes (`64KiB`).
    std::optional<std::uint64_t> byte_size(std::uint64_t least, std::uint64_t most) const;
    // One of a few words; gives its index.
    std::optional<std::size_t> word(std::span<const std::string_view> words) const;
    // The same, for the words that `to_string` gives for `all`.
    template <class Enum, std::size_t N>
    std::optional<Enum> choice(const std::array<Enum, N>& all) const {
        std::array<std::string_view, N> words;
        for (std::size_t i = 0; i < N; ++i)
            words[i] = to_string(all[i]);
        const auto index = word(words);
        return index ? std::optional{all[*index]} : std::nullopt;
    }
    // A list's items.
    std::optional<std::vector<Value>> list() const;
    // A mapping whose keys the administrator chooses: each key with its value, duplicates reported and left
    // out. Nothing at all counts as empty.
    using Members = std::vector<std::pair<std::string, Value>>;
    std::optional<Members> members() const;

private:
    Context* context_;
    const DocumentNode* node_;
    std::string key_;
    Place place_;
};

// A mapping with keys of ours. Unknown and duplicate ones are reported by the constructor.
class Section {
public:
    // Nothing at all counts as empty: `limits:` with every key below it commented out.
    Section(const Value& value, const KnownSection& known);

    // True if it is a mapping (or nothing): asking for its keys makes sense.
    bool readable() const noexcept { return readable_; }
    Context& context() const noexcept { return value_.context(); }
    // The value of `key`, one of the section's known keys; nullopt where it is not given.
    std::optional<Value> find(std::string_view key) const;
    // The same; reports where it is not given, unless the section as a whole was not readable.
    std::optional<Value> require(std::string_view key) const;

private:
    void check_keys(const KnownSection& known) const;

    Value value_;
    bool readable_;
};

}  // namespace curfew::config
