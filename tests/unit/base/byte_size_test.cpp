#include "base/byte_size.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace curfew {
namespace {

std::uint64_t size_of(std::string_view text) {
    const auto size = parse_byte_size(text);
    EXPECT_TRUE(size) << text;
    return size ? *size : 0;
}

TEST(ByteSize, IsANumberWithAUnitOrAlone) {
    EXPECT_EQ(size_of("0"), 0U);
    EXPECT_EQ(size_of("1000"), 1000U);
    EXPECT_EQ(size_of("12B"), 12U);
    EXPECT_EQ(size_of("64KiB"), 65536U);
    EXPECT_EQ(size_of("1MiB"), 1048576U);
    EXPECT_EQ(size_of("50GiB"), 53687091200U);
    EXPECT_EQ(size_of("2TiB"), 2199023255552U);
}

TEST(ByteSize, IsNothingThatCouldMeanTwoThings) {
    for (const auto* text : {"", "KiB", "1KB", "1K", "1kib", "1 KiB", " 1KiB", "1KiB ", "-1", "+1", "1.5MiB",
                             "0x10", "1MiB512KiB"})
        EXPECT_FALSE(parse_byte_size(text)) << text;
}

TEST(ByteSize, IsRefusedWhereItDoesNotFit) {
    EXPECT_EQ(size_of("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
    EXPECT_FALSE(parse_byte_size("18446744073709551616"));
    EXPECT_FALSE(parse_byte_size("16777216TiB"));
}

TEST(ByteSize, IsWrittenAsShortAsItGoesAndReadBack) {
    EXPECT_EQ(format_byte_size(0), "0B");
    EXPECT_EQ(format_byte_size(1000), "1000B");
    EXPECT_EQ(format_byte_size(65536), "64KiB");
    EXPECT_EQ(format_byte_size(std::uint64_t{3} << 40U), "3TiB");
    for (const std::uint64_t bytes : {std::uint64_t{1}, std::uint64_t{1536}, std::uint64_t{1} << 20U,
                                      std::numeric_limits<std::uint64_t>::max()})
        EXPECT_EQ(size_of(format_byte_size(bytes)), bytes);
}

}  // namespace
}  // namespace curfew
