// What S3-compatible storage answers, in XML, read as far as it is needed. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew::recording {

struct S3Object {
    std::string key;  // whole
    std::uint64_t size = 0;
    WallInstant modified{};  // 1970 where it is not told

    bool operator==(const S3Object&) const = default;
};

struct S3Listing {
    std::vector<S3Object> objects;  // in the order of their keys
    std::string next;               // how to ask for more; empty: that is all
};

// Of ListObjectsV2. invalid: it is none, or it is cut off.
Result<S3Listing> read_s3_listing(std::string_view xml);

// What an answer with an error says: `AccessDenied: Access Denied`, for people; empty where it says nothing.
std::string read_s3_problem(std::string_view xml);
// Its code alone: `NoSuchKey`; empty where there is none.
std::string read_s3_code(std::string_view xml);

}  // namespace curfew::recording
