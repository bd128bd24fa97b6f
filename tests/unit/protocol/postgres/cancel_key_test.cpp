#include "protocol/postgres/cancel_key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "scram_testing.hpp"

namespace curfew::postgres {
namespace {

TEST(CancelKey, HasASecretAsLongAsTheProtocolAllows) {
    EXPECT_EQ(make_cancel_key(protocol_3_0, 0).secret.size(), 4U);
    EXPECT_EQ(make_cancel_key(protocol_3_2, 0).secret.size(), 32U);
}

TEST(CancelKey, NamesItsWorker) {
    for (unsigned worker = 0; worker < most_workers; ++worker) {
        EXPECT_EQ(worker_of(make_cancel_key(protocol_3_2, worker).process_id), worker);
    }
}

TEST(CancelKey, HasAPositiveProcessIdWhateverTheBytes) {
    for (const unsigned char byte : {0x00, 0x7F, 0x80, 0xFF}) {
        for (const unsigned worker : {0U, 1U, most_workers - 1}) {
            const auto key = make_cancel_key(protocol_3_0, worker, testing::all(byte));
            EXPECT_GT(key.process_id, 0) << int{byte};
            EXPECT_EQ(worker_of(key.process_id), worker);
        }
    }
}

TEST(CancelKey, IsNeverMadeTwice) {
    std::set<std::string> secrets;
    std::set<std::int32_t> process_ids;
    for (int i = 0; i < 100; ++i) {
        const auto key = make_cancel_key(protocol_3_2, 3);
        secrets.insert(key.secret);
        process_ids.insert(key.process_id);
    }
    EXPECT_EQ(secrets.size(), 100U);
    EXPECT_GT(process_ids.size(), 90U) << "23 random bits";
}

TEST(CancelKey, DoesNotShowItsSecretInItsProcessId) {
    const auto key = make_cancel_key(protocol_3_0, 0, [](std::span<unsigned char> bytes) {
        unsigned char next = 1;
        for (auto& byte : bytes)
            byte = next++;
    });
    EXPECT_EQ(key.process_id, 0x01020300);
    EXPECT_EQ(key.secret, "\x05\x06\x07\x08");
}

TEST(CancelKey, MatchesItsOwnRequest) {
    const auto key = make_cancel_key(protocol_3_2, 7);
    EXPECT_TRUE(matches(key, {key.process_id, key.secret}));
}

TEST(CancelKey, MatchesNoRequestWithAnyBitChanged) {
    const auto key = make_cancel_key(protocol_3_2, 7);
    for (std::size_t bit = 0; bit < key.secret.size() * 8; ++bit) {
        auto secret = key.secret;
        secret[bit / 8] = static_cast<char>(secret[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(matches(key, {key.process_id, secret})) << bit;
    }
    for (unsigned bit = 0; bit < 32; ++bit) {
        const auto other =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(key.process_id) ^ (1U << bit));
        EXPECT_FALSE(matches(key, {other, key.secret})) << bit;
    }
}

TEST(CancelKey, MatchesNoSecretOfAnotherLength) {
    const auto key = make_cancel_key(protocol_3_2, 7);
    EXPECT_FALSE(matches(key, {key.process_id, ""}));
    EXPECT_FALSE(matches(key, {key.process_id, key.secret.substr(0, 4)}));
    EXPECT_FALSE(matches(key, {key.process_id, key.secret + '\0'}));
}

TEST(CancelKey, FindsSomeWorkerForAProcessIdThatAStrangerMadeUp) {
    for (const std::int32_t process_id : {0, -1, INT32_MIN, INT32_MAX})
        EXPECT_LT(worker_of(process_id), most_workers);
}

}  // namespace
}  // namespace curfew::postgres
