#include "protocol/postgres/session_start.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "message_testing.hpp"
#include "protocol/postgres/startup.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using namespace std::string_literals;
using ::testing::HasSubstr;
using testing::message_in;

using Step = SessionStart::Step;
using ToClient = SessionStart::ToClient;
using Hold = SessionStart::Hold;
using Ready = SessionStart::Ready;
using Refused = SessionStart::Refused;
using Failed = SessionStart::Failed;

class SessionStartTest : public ::testing::Test {
protected:
    Step on(std::string_view bytes) { return start.on_message(message_in(bytes)); }

    static void expect_failure(const Step& step, std::string_view what = "") {
        const auto* failed = std::get_if<Failed>(&step);
        ASSERT_NE(failed, nullptr) << what;
        EXPECT_EQ(failed->sqlstate, "08P01");
        EXPECT_THAT(failed->reason, HasSubstr("the PostgreSQL server"));
        EXPECT_TRUE(testing::is_harmless_line(failed->reason)) << failed->reason;
    }

    SessionStart start;
};

TEST_F(SessionStartTest, PassesParametersAndNoticesOnAsTheyAre) {
    const std::string parameter = encode({'S',
                                          "server_version\0"
                                          "15.4\0"sv});
    const std::string empty = encode({'S', "session_authorization\0\0"sv});
    const std::string notice = notice_response({"NOTICE", "00000", "hello", "", ""});
    for (const auto& bytes : {parameter, empty, notice}) {
        const Step step = on(bytes);
        ASSERT_TRUE(std::holds_alternative<ToClient>(step));
        EXPECT_EQ(std::get<ToClient>(step).bytes, bytes);
    }
}

TEST_F(SessionStartTest, KeepsTheServersCancelKey) {
    EXPECT_FALSE(start.backend_key());
    EXPECT_TRUE(std::holds_alternative<Hold>(on(backend_key_data(4711, "\x01\x02\x00\x04"sv))));
    ASSERT_TRUE(start.backend_key());
    EXPECT_EQ(start.backend_key()->process_id, 4711);
    EXPECT_EQ(start.backend_key()->secret, "\x01\x02\x00\x04"sv);
}

TEST_F(SessionStartTest, KeepsTheNegotiationOfAVersionToItself) {
    EXPECT_TRUE(std::holds_alternative<Hold>(on(negotiate_protocol_version(protocol_3_0, {}))));
    EXPECT_TRUE(std::holds_alternative<Ready>(on(ready_for_query('I'))));
}

TEST_F(SessionStartTest, EndsWithReadyForQueryWithOrWithoutAKey) {
    const Step step = on(ready_for_query('I'));
    ASSERT_TRUE(std::holds_alternative<Ready>(step));
    EXPECT_EQ(std::get<Ready>(step).status, 'I');
    EXPECT_FALSE(start.backend_key());

    SessionStart with_key;
    with_key.on_message(message_in(backend_key_data(1, "abcd")));
    EXPECT_TRUE(std::holds_alternative<Ready>(with_key.on_message(message_in(ready_for_query('I')))));
}

TEST_F(SessionStartTest, PassesARefusalOnAsItIs) {
    const auto error = error_response({"FATAL", "3D000", "database \"nosuch\" does not exist", "", ""});
    const Step step = on(error);
    ASSERT_TRUE(std::holds_alternative<Refused>(step));
    EXPECT_EQ(std::get<Refused>(step).bytes, error);
    EXPECT_EQ(std::get<Refused>(step).sqlstate, "3D000");
    EXPECT_EQ(std::get<Refused>(step).reason, "FATAL 3D000: database \"nosuch\" does not exist");
}

TEST_F(SessionStartTest, RefusesEveryOtherMessage) {
    for (const char type : testing::types_other_than("SNKvZE")) {
        start = {};
        expect_failure(start.on_message({type, "\0\0\0\0"sv}), std::string{type});
    }
}

TEST_F(SessionStartTest, RefusesMalformedMessages) {
    for (const auto message : {
             "S"sv,
             "Sname"sv,
             "Sname\0"sv,
             "Sname\0value"sv,
             "S\0value\0"sv,
             "Sname\0value\0more\0"sv,
             "N"sv,
             "NSNOTICE\0"sv,
             "E"sv,
             "ESFATAL"sv,
             "K"sv,
             "K\0\0\0\1abc"sv,
             "Z"sv,
             "ZX"sv,
             "ZII"sv,
             "Z\0"sv,
         }) {
        start = {};
        expect_failure(start.on_message({message[0], message.substr(1)}), message);
    }
    const std::string too_long = "\0\0\0\1"s + std::string(257, 'k');
    start = {};
    expect_failure(start.on_message({'K', too_long}));
}

TEST_F(SessionStartTest, RefusesASecondCancelKey) {
    on(backend_key_data(1, "abcd"));
    expect_failure(on(backend_key_data(2, "efgh")));
}

TEST_F(SessionStartTest, TakesNothingAfterItsEnd) {
    on(ready_for_query('I'));
    expect_failure(on(ready_for_query('I')));

    start = {};
    on(error_response({"FATAL", "3D000", "no", "", ""}));
    expect_failure(on(ready_for_query('I')));

    start = {};
    on("Q\0\0\0\4"sv);
    expect_failure(on(ready_for_query('I')));
}

}  // namespace
}  // namespace curfew::postgres
