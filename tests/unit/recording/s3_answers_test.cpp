#include "recording/s3_answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "recording/s3_parts.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string listing = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix><KeyCount>2</KeyCount>
<MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
<Contents><Key>p/a &amp; b</Key><LastModified>2026-11-29T20:33:15.000Z</LastModified><ETag>&quot;x&quot;</ETag><Size>142863</Size>
<Owner><ID>1</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>
<Contents><Key>p/c</Key><LastModified>yesterday</LastModified><Size>0</Size></Contents>
</ListBucketResult>
)";

TEST(S3Answers, AreReadAsListsOfObjects) {
    const auto read = read_s3_listing(listing);
    ASSERT_TRUE(read) << read.error().message;
    using namespace std::chrono;
    const WallInstant modified = sys_days{2026y / 11 / 29} + 20h + 33min + 15s;
    EXPECT_THAT(read->objects,
                ElementsAre(S3Object{"p/a & b", 142863, modified}, S3Object{"p/c", 0, WallInstant{}}));
    EXPECT_EQ(read->next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
}

TEST(S3Answers, AreNotBelievedWhereTheyAreCutOff) {
    for (std::size_t length = 0; length < listing.size() - 2; ++length)
        EXPECT_FALSE(read_s3_listing(std::string_view{listing}.substr(0, length))) << length;
}

TEST(S3Answers, AreNotBelievedWithoutSizesAndKeys) {
    const auto with = [](const std::string& inside) {
        return read_s3_listing("<ListBucketResult>" + inside + "</ListBucketResult>");
    };
    EXPECT_THAT(with("")->objects, IsEmpty());
    EXPECT_THAT(with("<Contents><Key>a</Key><Size>1</Size></Contents>")->objects, SizeIs(1));
    EXPECT_FALSE(with("<Contents><Key>a</Key></Contents>"));
    EXPECT_FALSE(with("<Contents><Size>1</Size></Contents>"));
    EXPECT_FALSE(with("<Contents><Key>a</Key><Size>-1</Size></Contents>"));
    EXPECT_FALSE(with("<Contents><Key>a</Key><Size>99999999999999999999</Size></Contents>"));
    EXPECT_FALSE(with("<IsTruncated>true</IsTruncated>")) << "and how does it go on?";
}

TEST(S3Answers, SayWhatIsWrongAndNothingElse) {
    const std::string problem =
        "<Error><Code>SignatureDoesNotMatch</Code><Message>It does not\nmatch</Message>"
        "<StringToSign>AWS4 secret</StringToSign></Error>";
    EXPECT_EQ(read_s3_code(problem), "SignatureDoesNotMatch");
    EXPECT_THAT(read_s3_problem(problem), HasSubstr("SignatureDoesNotMatch: It does not"));
    EXPECT_THAT(read_s3_problem(problem), Not(HasSubstr("\n")));
    EXPECT_THAT(read_s3_problem(problem), Not(HasSubstr("secret")));
    EXPECT_EQ(read_s3_problem("<html>Bad gateway</html>"), "");
    EXPECT_EQ(read_s3_problem(""), "");
}

RecordingKey some_key() {
    using namespace std::chrono;
    return {*SessionId::parse("s-7k3mq9xd"), sys_days{2026y / 11 / 29}};
}

TEST(S3Parts, AreNamedByDaySessionAndNumber) {
    EXPECT_EQ(part_key(some_key(), 1), "2026/11/29/s-7k3mq9xd/000001");
    EXPECT_EQ(part_key(some_key(), most_parts), "2026/11/29/s-7k3mq9xd/999999");
    const auto part = part_of("2026/11/29/s-7k3mq9xd/000042");
    ASSERT_TRUE(part);
    EXPECT_EQ(part->recording, some_key());
    EXPECT_EQ(part->number, 42U);
}

TEST(S3Parts, AreNothingElse) {
    for (const auto* key :
         {"", "000001", "2026/11/29/s-7k3mq9xd/", "2026/11/29/s-7k3mq9xd/1", "2026/11/29/s-7k3mq9xd/000000",
          "2026/11/29/s-7k3mq9xd/00001x", "2026/11/29/s-7k3mq9xd/0000001", "2026/13/29/s-7k3mq9xd/000001",
          "2026/11/29/g-7k3mq9xd/000001", "2026/11/29/s-7k3mq9xd/000001/000001"})
        EXPECT_FALSE(part_of(key)) << key;
}

TEST(S3Parts, GoAsFarAsNoneIsMissing) {
    Parts parts;
    for (const unsigned number : {1U, 2U, 4U, 5U})
        parts.add(number, {"", 10, {}});
    EXPECT_THAT(parts.sizes, ElementsAre(10U, 10U));
    EXPECT_EQ(parts.bytes, 20U);
    EXPECT_THAT(parts.stray, ElementsAre(4U, 5U));
}

}  // namespace
}  // namespace curfew::recording
