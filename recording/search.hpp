// Text looked for in a recording.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "recording/entry.hpp"
#include "recording/reader.hpp"

namespace re2 {
class RE2;
}

namespace curfew::recording {

struct SearchTerms {
    std::string text;      // a blank stands for any white space, as long as it may be
    bool pattern = false;  // it is a regular expression in RE2's syntax instead
    bool case_sensitive = false;
};

// Thread-safe; time is linear in the text's length, whatever the pattern.
class Searcher {
public:
    // invalid: there is no text, it is too long, or it is no regular expression; says where.
    static Result<Searcher> make(const SearchTerms& terms);

    bool matches(std::string_view text) const;
    // Where the first of it stands in `text`; nullopt: nowhere.
    struct Place {
        std::size_t begin = 0;
        std::size_t length = 0;
    };
    std::optional<Place> find(std::string_view text) const;

private:
    explicit Searcher(std::shared_ptr<const re2::RE2> pattern) : pattern_{std::move(pattern)} {}
    std::shared_ptr<const re2::RE2> pattern_;
};

// Where something was found: an entry, and the first of its texts that has it.
struct Hit {
    std::uint64_t number = 0;  // of the entry, from 0
    Entry entry;               // with its offset
    std::string member;        // `sql`, `parameters[0]`, `message`
    std::string excerpt;       // one printable line around the place
    std::size_t begin = 0;     // of the place in `excerpt`, in bytes
    std::size_t length = 0;
};

// The texts of an entry that people look for: SQL, parameters, rows, tags, messages, names. Binary values are
// not among them. Stops as soon as `see` returns false.
using SeeText = std::function<bool(std::string_view member, std::string_view text)>;
void for_each_text(const entry::Content& content, const SeeText& see);

std::optional<Hit> find_in(const Searcher& searcher, const Entry& entry, std::uint64_t number);

// Tells `found` of each hit, until it returns false or the recording ends. An error: it cannot be read. What
// integrity() of the reader says afterwards belongs to the answer.
Result<void> search(RecordingReader& recording, const Searcher& searcher,
                    const std::function<bool(Hit&&)>& found);

}  // namespace curfew::recording
