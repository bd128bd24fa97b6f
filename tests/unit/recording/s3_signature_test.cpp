// That the storage of the tests judges signatures as Amazon's does: by the examples of its documentation
// ("Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk").
#include <gtest/gtest.h>

#include <chrono>

#include "support/s3_server.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* host = "examplebucket.s3.amazonaws.com";
constexpr const char* of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

S3Owner owner() {
    S3Owner of_the_examples;
    of_the_examples.region = "us-east-1";
    return of_the_examples;
}

std::chrono::system_clock::time_point then() {
    using namespace std::chrono;
    return sys_days{2013y / 5 / 24};
}

std::string authorization(const std::string& headers, const std::string& signature) {
    return "AWS4-HMAC-SHA256 "
           "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
           headers + ",Signature=" + signature;
}

S3Request get(const std::string& path, const std::string& query, const std::string& signature) {
    return {"GET",
            path,
            query,
            {{"host", host},
             {"x-amz-content-sha256", of_nothing},
             {"x-amz-date", "20130524T000000Z"},
             {"authorization", authorization("host;x-amz-content-sha256;x-amz-date", signature)}},
            ""};
}

S3Request get_object() {
    S3Request request = get("/test.txt", "", "");
    request.headers["range"] = "bytes=0-9";
    request.headers["authorization"] =
        authorization("host;range;x-amz-content-sha256;x-amz-date",
                      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    return request;
}

S3Request put_object() {
    S3Request request = get("/test%24file.text", "", "");
    request.method = "PUT";
    request.body = "Welcome to Amazon S3.";
    request.headers["date"] = "Fri, 24 May 2013 00:00:00 GMT";
    request.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
    request.headers["x-amz-content-sha256"] =
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    request.headers["authorization"] =
        authorization("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    return request;
}

TEST(S3Signature, IsThatOfAmazonsExamples) {
    EXPECT_EQ(wrong_signature(get_object(), owner(), host, then()), "");
    EXPECT_EQ(wrong_signature(put_object(), owner(), host, then()), "");
    EXPECT_EQ(wrong_signature(
                  get("/", "lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
                  owner(), host, then()),
              "");
    EXPECT_EQ(wrong_signature(get("/", "max-keys=2&prefix=J",
                                  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
                              owner(), host, then()),
              "");
}

TEST(S3Signature, IsOfThisRequestAlone) {
    auto other = get_object();
    other.path = "/other.txt";
    EXPECT_EQ(wrong_signature(other, owner(), host, then()), "SignatureDoesNotMatch");
    other = get_object();
    other.headers["range"] = "bytes=0-10";
    EXPECT_EQ(wrong_signature(other, owner(), host, then()), "SignatureDoesNotMatch");
    other = put_object();
    other.method = "GET";
    EXPECT_EQ(wrong_signature(other, owner(), host, then()), "SignatureDoesNotMatch");
    EXPECT_EQ(wrong_signature(get_object(), owner(), "another.example.com", then()), "SignatureDoesNotMatch");
}

TEST(S3Signature, IsOfTheseBytesAlone) {
    auto other = put_object();
    other.body = "Welcome to Amazon S4.";
    EXPECT_EQ(wrong_signature(other, owner(), host, then()), "XAmzContentSHA256Mismatch");
    other = put_object();
    other.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
    EXPECT_EQ(wrong_signature(other, owner(), host, then()), "XAmzContentSHA256Mismatch");
}

TEST(S3Signature, CoversWhatAmazonListensTo) {
    auto other = get_object();
    other.headers["x-amz-acl"] = "public-read";
    EXPECT_EQ(wrong_signature(other, owner(), host, then()), "AccessDenied");
}

TEST(S3Signature, IsGoodForAQuarterOfAnHour) {
    EXPECT_EQ(wrong_signature(get_object(), owner(), host, then() + 15min), "");
    EXPECT_EQ(wrong_signature(get_object(), owner(), host, then() + 15min + 1s), "RequestTimeTooSkewed");
    EXPECT_EQ(wrong_signature(get_object(), owner(), host, then() - 15min - 1s), "RequestTimeTooSkewed");
}

TEST(S3Signature, IsOfTheOwnersKeyAndRegion) {
    S3Owner other = owner();
    other.secret_access_key += "x";
    EXPECT_EQ(wrong_signature(get_object(), other, host, then()), "SignatureDoesNotMatch");
    other = owner();
    other.access_key_id = "AKIAI44QH8DHBEXAMPLE";
    EXPECT_EQ(wrong_signature(get_object(), other, host, then()), "InvalidAccessKeyId");
    other = owner();
    other.region = "eu-central-1";
    EXPECT_EQ(wrong_signature(get_object(), other, host, then()), "AuthorizationHeaderMalformed");
    auto nobodys = get_object();
    nobodys.headers.erase("authorization");
    EXPECT_EQ(wrong_signature(nobodys, owner(), host, then()), "AccessDenied");
}

}  // namespace
}  // namespace curfew::test
