#include "protocol/postgres/startup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

// A packet of this code (or protocol version), written out by hand.
std::string packet(std::uint32_t code, std::string_view rest) {
    std::string bytes;
    append_u32(bytes, static_cast<std::uint32_t>(8 + rest.size()));
    append_u32(bytes, code);
    return bytes.append(rest);
}
std::string startup(std::string_view parameters, std::uint32_t version = protocol_3_0) {
    return packet(version, parameters);
}

StartupMessage understood(std::string_view bytes) {
    auto parsed = parse_startup_packet(bytes);
    if (const auto* error = std::get_if<StartupError>(&parsed)) throw std::logic_error(error->message);
    return std::get<StartupMessage>(std::move(parsed));
}
StartupError refused(std::string_view bytes) {
    auto parsed = parse_startup_packet(bytes);
    const auto* error = std::get_if<StartupError>(&parsed);
    if (error == nullptr) {
        ADD_FAILURE() << "it is taken: " << bytes;
        return {};
    }
    return *error;
}

TEST(StartupPacketLength, IsBoundedAsInPostgresql) {
    EXPECT_EQ(startup_packet_length("\0\0\0\x08"), 8U);
    EXPECT_EQ(startup_packet_length("\0\0\x27\x14"), 10'004U);
    for (const auto* word : {"\0\0\0\0", "\0\0\0\4", "\0\0\0\7", "\0\0\x27\x15", "\x7f\xff\xff\xff",
                             "\x80\0\0\x08", "\xff\xff\xff\xff"})
        EXPECT_EQ(startup_packet_length(word), 0U) << std::hex << read_u32(word);
}

TEST(StartupPacketLength, RefusesOtherProtocols) {
    EXPECT_EQ(startup_packet_length("GET "), 0U);
    EXPECT_EQ(startup_packet_length("SSH-"), 0U);
    EXPECT_EQ(startup_packet_length("\x16\x03\x01\x00"), 0U) << "TLS";
}

TEST(StartupMessage, IsUnderstood) {
    const auto message =
        understood(startup("user\0alice\0database\0prod\0application_name\0psql\0options\0-c a=b\0\0"sv));
    EXPECT_EQ(message.version, protocol_3_0);
    EXPECT_EQ(message.user, "alice");
    EXPECT_EQ(message.database, "prod");
    EXPECT_EQ(message.replication, Replication::none);
    EXPECT_THAT(message.parameters, ElementsAre(Pair("application_name", "psql"), Pair("options", "-c a=b")));
    EXPECT_THAT(message.protocol_options, IsEmpty());
}

TEST(StartupMessage, NeedsNoDatabaseAndNoOtherParameter) {
    const auto message = understood(startup("user\0alice\0\0"sv));
    EXPECT_EQ(message.database, "");
    EXPECT_THAT(message.parameters, IsEmpty());
}

TEST(StartupMessage, MayHaveEmptyValues) {
    const auto message = understood(startup("user\0alice\0database\0\0application_name\0\0\0"sv));
    EXPECT_EQ(message.database, "");
    EXPECT_THAT(message.parameters, ElementsAre(Pair("application_name", "")));
}

TEST(StartupMessage, GivesAParameterByItsName) {
    const auto message = understood(startup("user\0alice\0application_name\0psql\0\0"sv));
    EXPECT_EQ(message.parameter("application_name"), "psql");
    EXPECT_EQ(message.parameter("options"), "");
}

TEST(StartupMessage, KeepsProtocolOptionsApart) {
    const auto message =
        understood(startup("user\0alice\0_pq_.frobnicate\0"
                           "1\0\0"sv,
                           protocol_3_2));
    EXPECT_EQ(message.version, protocol_3_2);
    EXPECT_THAT(message.protocol_options, ElementsAre("_pq_.frobnicate"));
    EXPECT_THAT(message.parameters, IsEmpty());
}

TEST(StartupMessage, IsUnderstoodInEveryMinorVersion) {
    for (const std::uint32_t minor : {0U, 1U, 2U, 9U, 9999U})
        EXPECT_EQ(understood(startup("user\0alice\0\0"sv, (3U << 16U) | minor)).version, (3U << 16U) | minor);
}

TEST(StartupMessage, AsksForReplicationInPostgresqlsWords) {
    const auto asked = [](std::string_view value) {
        std::string parameters{"user\0alice\0replication\0"sv};
        parameters.append(value).append("\0\0"sv);
        return understood(startup(parameters)).replication;
    };
    for (const auto value : {"database"sv, "DATABASE"sv})
        EXPECT_EQ(asked(value), Replication::logical) << value;
    for (const auto value : {"true"sv, "on"sv, "yes"sv, "1"sv, "t"sv, "y"sv, "ON"sv, "True"sv})
        EXPECT_EQ(asked(value), Replication::physical) << value;
    for (const auto value : {"false"sv, "off"sv, "no"sv, "0"sv, "f"sv, "n"sv, "Off"sv})
        EXPECT_EQ(asked(value), Replication::none) << value;
}

TEST(StartupMessage, IsRefusedWithAReplicationThatIsNone) {
    for (const auto parameters : {"user\0a\0replication\0\0\0"sv, "user\0a\0replication\0maybe\0\0"sv,
                                  "user\0a\0replication\0\x1b[2J\0\0"sv}) {
        const auto error = refused(startup(parameters));
        EXPECT_THAT(error.message, HasSubstr("replication"));
        EXPECT_THAT(error.message, Not(HasSubstr("\x1b")));
    }
}

TEST(StartupMessage, MayHaveNamesOf63Bytes) {
    const std::string name(63, 'n');
    const auto message = understood(startup("user\0"s + name + "\0database\0"s + name + "\0\0"s));
    EXPECT_EQ(message.user, name);
    EXPECT_EQ(message.database, name);
}

TEST(StartupMessage, IsRefusedWithNamesThatPostgresqlWouldCut) {
    const std::string name(64, 'n');
    EXPECT_EQ(refused(startup("user\0"s + name + "\0\0"s)).sqlstate, "08P01");
    EXPECT_EQ(refused(startup("user\0a\0database\0"s + name + "\0\0"s)).sqlstate, "08P01");
}

TEST(StartupMessage, IsRefusedWithoutAUser) {
    for (const auto parameters : {"\0"sv, "database\0prod\0\0"sv, "user\0\0\0"sv, "USER\0alice\0\0"sv})
        EXPECT_EQ(refused(startup(parameters)).sqlstate, "28000") << parameters;
}

// PostgreSQL lets the last one win: whoever looked at the first would have judged somebody else.
TEST(StartupMessage, IsRefusedWithAParameterGivenTwice) {
    for (const auto parameters :
         {"user\0alice\0user\0bob\0\0"sv, "user\0alice\0user\0alice\0\0"sv,
          "user\0a\0database\0x\0database\0y\0\0"sv, "user\0a\0options\0x\0options\0x\0\0"sv,
          "user\0a\0replication\0off\0replication\0on\0\0"sv, "user\0a\0_pq_.x\0\0_pq_.x\0\0\0"sv}) {
        const auto error = refused(startup(parameters));
        EXPECT_EQ(error.sqlstate, "08P01");
        EXPECT_THAT(error.message, HasSubstr("twice"));
    }
}

TEST(StartupMessage, IsRefusedWhenMalformed) {
    for (const auto parameters : {
             ""sv,                              // nothing at all
             "user\0alice\0"sv,                 // no terminator
             "user\0alice"sv,                   // a value without end
             "user\0alice\0options"sv,          // a name without end
             "user\0alice\0options\0"sv,        // a name without value
             "user\0alice\0\0\0"sv,             // a byte behind the terminator
             "user\0alice\0\0user\0bob\0\0"sv,  // parameters behind it
         }) {
        EXPECT_EQ(refused(startup(parameters)).sqlstate, "08P01") << parameters;
    }
}

TEST(StartupMessage, IsRefusedWithALengthThatIsNotItsOwn) {
    const std::string good = startup("user\0alice\0\0"sv);
    EXPECT_EQ(refused(good + '\0').sqlstate, "08P01");
    EXPECT_EQ(refused(good.substr(0, good.size() - 1)).sqlstate, "08P01");
    for (std::size_t length = 0; length < 8; ++length)
        EXPECT_EQ(refused(good.substr(0, length)).sqlstate, "08P01") << length;
}

TEST(StartupMessage, IsRefusedInOtherMajorVersions) {
    for (const std::uint32_t major : {0U, 1U, 2U, 4U, 1234U, 0xffffU}) {
        const auto error = refused(packet((major << 16U) | 1U, "user\0alice\0\0"sv));
        EXPECT_EQ(error.sqlstate, "0A000");
        EXPECT_THAT(error.message, HasSubstr(std::to_string(major) + ".1"));
    }
}

TEST(StartupMessage, ShowsNoControlCharactersInARefusal) {
    EXPECT_THAT(refused(startup("user\0a\0\x1b[2J\0\0\x1b[2J\0\0\0"sv)).message, Not(HasSubstr("\x1b")));
}

TEST(StartupMessage, IsUnderstoodAsItIsBuilt) {
    StartupMessage message;
    message.version = protocol_3_2;
    message.user = "alice";
    message.database = "prod";
    message.parameters = {{"options", "-c search_path=x"}, {"application_name", ""}};
    for (const auto replication : {Replication::none, Replication::physical, Replication::logical}) {
        message.replication = replication;
        const auto again = understood(build_startup_message(message));
        EXPECT_EQ(again.version, message.version);
        EXPECT_EQ(again.user, message.user);
        EXPECT_EQ(again.database, message.database);
        EXPECT_EQ(again.replication, replication);
        EXPECT_EQ(again.parameters, message.parameters);
    }
}

TEST(StartupMessage, IsBuiltByteForByte) {
    StartupMessage message;
    message.user = "alice";
    message.protocol_options = {"_pq_.between_the_client_and_us"};
    EXPECT_EQ(build_startup_message(message), startup("user\0alice\0\0"sv));
    message.database = "prod";
    message.replication = Replication::physical;
    message.parameters = {{"options", "x"}};
    EXPECT_EQ(build_startup_message(message),
              startup("user\0alice\0database\0prod\0replication\0true\0options\0x\0\0"sv));
}

TEST(EncryptionRequest, IsUnderstood) {
    EXPECT_TRUE(std::holds_alternative<SslRequest>(parse_startup_packet("\0\0\0\x08\x04\xd2\x16\x2f"sv)));
    EXPECT_TRUE(std::holds_alternative<GssEncRequest>(parse_startup_packet("\0\0\0\x08\x04\xd2\x16\x30"sv)));
    EXPECT_EQ(build_ssl_request(), "\0\0\0\x08\x04\xd2\x16\x2f"sv);
}

TEST(EncryptionRequest, IsRefusedWithAnythingBehindIt) {
    EXPECT_EQ(refused("\0\0\0\x09\x04\xd2\x16\x2fx"sv).sqlstate, "08P01");
    EXPECT_EQ(refused("\0\0\0\x09\x04\xd2\x16\x30x"sv).sqlstate, "08P01");
}

TEST(CancelRequest, IsUnderstoodAsItIsBuilt) {
    for (const auto& secret :
         {std::string{"\0\xff\x01\x02", 4}, std::string(32, 's'), std::string(256, 's')}) {
        for (const std::int32_t process_id : {0, 4711, -1, INT32_MAX, INT32_MIN}) {
            const auto parsed = parse_startup_packet(build_cancel_request({process_id, secret}));
            ASSERT_TRUE(std::holds_alternative<CancelRequest>(parsed));
            EXPECT_EQ(std::get<CancelRequest>(parsed).process_id, process_id);
            EXPECT_EQ(std::get<CancelRequest>(parsed).secret, secret);
        }
    }
    EXPECT_EQ(build_cancel_request({1, "abcd"}), "\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1abcd"sv);
}

TEST(CancelRequest, IsRefusedWithASecretThatIsNone) {
    for (const std::size_t size : {0U, 3U, 257U, 1000U})
        EXPECT_EQ(refused(build_cancel_request({1, std::string(size, 's')})).sqlstate, "08P01") << size;
    EXPECT_EQ(refused("\0\0\0\x08\x04\xd2\x16\x2e"sv).sqlstate, "08P01");
    EXPECT_EQ(refused("\0\0\0\x0b\x04\xd2\x16\x2e\0\0\0"sv).sqlstate, "08P01");
}

}  // namespace
}  // namespace curfew::postgres
