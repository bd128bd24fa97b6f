// Entries for tests: one of each kind, and any number of random ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "recording/entry.hpp"
#include "recording/reader.hpp"
#include "recording/storage.hpp"

namespace curfew::recording::test {

// `s-00000001` and so on.
SessionId session_number(int number);

Entry query_at(Offset at, std::string sql);
Entry ended_at(Offset at);

// One of each kind, with every member set, in the order of entry::Content.
std::vector<Entry> one_of_each();

// Entries of all kinds whose members are empty, plain, in other scripts, no UTF-8, or full of what JSON
// escapes. The same for the same seed.
class RandomEntries {
public:
    explicit RandomEntries(std::uint32_t seed) : random_{seed} {}
    Entry next();
    std::string text();

private:
    std::uint64_t number();
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
    Value value();
    std::vector<Value> values();
    entry::Content content();
    entry::Content asked(std::uint64_t kind);
    entry::Content answered(std::uint64_t kind);

    std::mt19937_64 random_;
};

// The recording that holds these, in frames of at most `a_frame` entries.
std::string bytes_of(const std::vector<Entry>& entries, std::size_t a_frame = 1000);

// All that a reader gives.
std::vector<Entry> read_all(RecordingReader& reader);

// A recording that grows while it is read.
class GrowingSource final : public RecordingSource {
public:
    struct Growing {
        std::string bytes;
        bool live = true;
    };
    explicit GrowingSource(std::shared_ptr<Growing> growing) : growing_{std::move(growing)} {}
    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
    bool live() override { return growing_->live; }

private:
    std::shared_ptr<Growing> growing_;
};

}  // namespace curfew::recording::test
