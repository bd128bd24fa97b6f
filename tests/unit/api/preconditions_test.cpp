#include "api/preconditions.hpp"

#include <gtest/gtest.h>

namespace curfew::api {
namespace {

std::variant<std::optional<std::uint64_t>, Response> expected(const std::vector<std::string>& tags) {
    Request request{http::verb::put, "/", 11};
    for (const auto& tag : tags)
        request.insert(http::field::if_match, tag);
    return expected_version(request);
}
http::status refusal(const std::vector<std::string>& tags) {
    const auto found = expected(tags);
    const auto* response = std::get_if<Response>(&found);
    return response == nullptr ? http::status::ok : response->result();
}

TEST(IfMatch, NamesTheVersionThatAnETagWasOf) {
    for (const std::uint64_t version : {std::uint64_t{0}, std::uint64_t{17}, ~std::uint64_t{0}})
        EXPECT_EQ(std::get<0>(expected({etag_of(version)})), version);
}

TEST(IfMatch, OfAStarIsAnyVersion) {
    EXPECT_EQ(std::get<0>(expected({"*"})), std::nullopt);
}

TEST(IfMatch, IsNeeded) {
    EXPECT_EQ(refusal({}), http::status::precondition_required);
}

TEST(IfMatch, OfWhatIsNoneOfOursCannotMatch) {
    for (const char* tag : {"17", "\"\"", "\"x\"", "W/\"17\"", "\"017\"", "\"-1\"", "\"17",
                            "\"18446744073709551616\"", "\"1 7\"", "**"}) {
        EXPECT_EQ(refusal({tag}), http::status::precondition_failed) << tag;
    }
}

TEST(IfMatch, TakesOneETag) {
    EXPECT_EQ(refusal({"\"1\", \"2\""}), http::status::bad_request);
    EXPECT_EQ(refusal({"\"1\"", "\"2\""}), http::status::bad_request);
}

}  // namespace
}  // namespace curfew::api
