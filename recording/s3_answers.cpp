#include "recording/s3_answers.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::recording {
namespace {

constexpr std::size_t longest_said = 200;

// What stands between the first `<tag>` of `xml` and its end, and what follows that; nullopt: there is none
// that ends.
struct Element {
    std::string_view content;
    std::string_view rest;
};
std::optional<Element> element(std::string_view xml, std::string_view tag) {
    const std::string opening = fmt::format("<{}>", tag);
    const std::string closing = fmt::format("</{}>", tag);
    const auto begin = xml.find(opening);
    if (begin == std::string_view::npos) return std::nullopt;
    const auto from = begin + opening.size();
    const auto end = xml.find(closing, from);
    if (end == std::string_view::npos) return std::nullopt;
    return Element{xml.substr(from, end - from), xml.substr(end + closing.size())};
}

constexpr std::array<std::pair<std::string_view, char>, 5> entities{
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};

// Whatever is not one of the five stays as it is: keys of ours have none.
std::string unescaped(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        std::size_t length = 1;
        char meant = text.front();
        for (const auto& [entity, character] : entities) {
            if (!text.starts_with(entity)) continue;
            length = entity.size();
            meant = character;
        }
        plain += meant;
        text.remove_prefix(length);
    }
    return plain;
}

std::string text_of(std::string_view xml, std::string_view tag) {
    const auto found = element(xml, tag);
    return found ? unescaped(found->content) : std::string{};
}

// `2026-11-29T20:33:15.000Z`, to the second.
WallInstant instant_of(const std::string& text) {
    constexpr std::size_t to_the_second = 19;
    if (text.size() <= to_the_second || !text.ends_with('Z')) return {};
    return parse_utc(text.substr(0, to_the_second) + "Z").value_or(WallInstant{});
}

Error not_a_listing(std::string_view why) {
    return {ErrorCode::invalid, fmt::format("its answer is no list of objects: {}", why)};
}

}  // namespace

Result<S3Listing> read_s3_listing(std::string_view xml) {
    constexpr std::string_view opening = "<ListBucketResult";
    constexpr std::string_view closing = "</ListBucketResult>";
    const auto begin = xml.find(opening);
    if (begin == std::string_view::npos) return not_a_listing("it has no ListBucketResult");
    const auto end = xml.rfind(closing);
    if (end == std::string_view::npos || end < begin) return not_a_listing("it is cut off");
    std::string_view rest = xml.substr(begin, end - begin);

    S3Listing listing;
    const bool is_cut = text_of(rest, "IsTruncated") == "true";
    if (is_cut) listing.next = text_of(rest, "NextContinuationToken");
    if (is_cut && listing.next.empty()) return not_a_listing("it does not say how it goes on");
    while (const auto contents = element(rest, "Contents")) {
        S3Object object;
        object.key = text_of(contents->content, "Key");
        const std::string size = text_of(contents->content, "Size");
        const auto [stop, error] = std::from_chars(size.data(), size.data() + size.size(), object.size);
        if (object.key.empty() || error != std::errc{} || stop != size.data() + size.size())
            return not_a_listing("an object in it has no key, or no size");
        object.modified = instant_of(text_of(contents->content, "LastModified"));
        listing.objects.push_back(std::move(object));
        rest = contents->rest;
    }
    return listing;
}

std::string read_s3_code(std::string_view xml) {
    return printable(text_of(xml, "Code"), longest_said);
}

// Nothing else of it is shown: some tell what they expected to be signed.
std::string read_s3_problem(std::string_view xml) {
    const std::string code = read_s3_code(xml);
    const std::string message = printable(text_of(xml, "Message"), longest_said);
    return code.empty() || message.empty() ? code + message : code + ": " + message;
}

}  // namespace curfew::recording
