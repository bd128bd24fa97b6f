// What a client sets decides whether its texts mean what they seem to.
#include "proxy/client_settings.hpp"

#include <gmock/gmock.h>

#include "sql/parse.hpp"

namespace curfew::test {
namespace {

using proxy::ClientSettings;
using testing::HasSubstr;
using testing::IsEmpty;

ClientSettings started_with(std::vector<std::pair<std::string, std::string>> parameters) {
    postgres::StartupMessage startup;
    startup.parameters = std::move(parameters);
    return ClientSettings{startup};
}

std::string doubt_after(const std::string& sql) {
    ClientSettings settings{postgres::StartupMessage{}};
    settings.ran(sql::parse(sql).value(), true);
    return settings.doubt();
}

TEST(ClientSettingsOfASession, AreAsTheParserHasThemIfNothingIsSaid) {
    const ClientSettings settings{postgres::StartupMessage{}};
    EXPECT_THAT(settings.doubt(), IsEmpty());
    EXPECT_TRUE(settings.is_utf8());
}

TEST(ClientSettingsOfASession, MayBeWhatDriversSendAtTheStart) {
    EXPECT_THAT(
        started_with({{"client_encoding", "'utf-8'"},
                      {"DateStyle", "ISO"},
                      {"TimeZone", "Europe/Berlin"},
                      {"extra_float_digits", "3"},
                      {"application_name", "psql"},
                      {"standard_conforming_strings", "on"},
                      {"options", "-c statement_timeout=5s  --lock-timeout=1s -cDateStyle=ISO,\\ DMY"}})
            .doubt(),
        IsEmpty());
}

TEST(ClientSettingsOfASession, LeaveADoubtWhereNamesMayStandForOthers) {
    EXPECT_THAT(started_with({{"search_path", "evil"}}).doubt(),
                HasSubstr("search_path was set at its start"));
    EXPECT_THAT(started_with({{"Search_Path", "evil"}}).doubt(), HasSubstr("search_path"));
    for (const char* options :
         {"-c search_path=evil", "-csearch_path=evil", "--search_path=evil", "--search-path=evil",
          "-c Search_Path=evil", "-c lock_timeout=1s --search_path=evil", "-c sear\\ch_path=evil",
          "\t-c\vsearch_path=evil", "-c role=admin"})
        EXPECT_NE(started_with({{"options", options}}).doubt(), "") << options;
}

TEST(ClientSettingsOfASession, LeaveADoubtWhereTheOptionsAreNotUnderstood) {
    for (const char* options : {"-d 5", "-ec search_path=evil", "-c", "-c lock_timeout", "search_path=evil",
                                "-c lock_timeout=1s -S 4"})
        EXPECT_NE(started_with({{"options", options}}).doubt(), "") << options;
}

TEST(ClientSettingsOfASession, LeaveADoubtWhileABackslashMayEscape) {
    ClientSettings settings{postgres::StartupMessage{}};
    settings.reported("standard_conforming_strings", "off");
    EXPECT_THAT(settings.doubt(), HasSubstr("standard_conforming_strings is off"));
    settings.reported("standard_conforming_strings", "on");
    EXPECT_THAT(settings.doubt(), IsEmpty());
}

TEST(ClientSettingsOfASession, LeaveADoubtInEncodingsWithAsciiInLongerCharacters) {
    ClientSettings settings{postgres::StartupMessage{}};
    for (const char* encoding : {"BIG5", "GBK", "GB18030", "SJIS", "SHIFT_JIS_2004", "JOHAB", "UHC", "win932",
                                 "Windows949", "mskanji", "nobody knows it"}) {
        settings.reported("client_encoding", encoding);
        EXPECT_THAT(settings.doubt(), HasSubstr("client_encoding")) << encoding;
        EXPECT_FALSE(settings.is_utf8()) << encoding;
    }
    for (const char* encoding : {"UTF8", "utf-8", "UNICODE", "SQL_ASCII"}) {
        settings.reported("client_encoding", encoding);
        EXPECT_THAT(settings.doubt(), IsEmpty()) << encoding;
        EXPECT_TRUE(settings.is_utf8()) << encoding;
    }
    for (const char* encoding : {"LATIN1", "WIN1252", "EUC_JP", "ISO_8859_5", "KOI8R"}) {
        settings.reported("client_encoding", encoding);
        EXPECT_THAT(settings.doubt(), IsEmpty()) << encoding;
        EXPECT_FALSE(settings.is_utf8()) << encoding;
    }
    EXPECT_NE(started_with({{"client_encoding", "SJIS"}}).doubt(), "");
    EXPECT_NE(started_with({{"options", "-c client_encoding=SJIS"}}).doubt(), "");
}

TEST(ClientSettingsOfASession, LeaveADoubtOnceAnApprovedStatementHasSetOne) {
    EXPECT_THAT(doubt_after("SET search_path = evil"), HasSubstr("search_path was set since"));
    EXPECT_THAT(doubt_after("RESET search_path"), HasSubstr("search_path"));
    EXPECT_THAT(doubt_after("SELECT pg_catalog.set_config('search_path', 'evil', false)"),
                HasSubstr("set_config()"));
    for (const char* harmless : {"SET timezone = 'UTC'", "DELETE FROM a", "SELECT 1", "BEGIN"})
        EXPECT_THAT(doubt_after(harmless), IsEmpty()) << harmless;
}

TEST(ClientSettingsOfASession, LeaveADoubtOnceSomethingHasRunThatWasNotLookedInto) {
    ClientSettings settings{postgres::StartupMessage{}};
    settings.ran({}, false);
    EXPECT_THAT(settings.doubt(), HasSubstr("not looked into"));
}

}  // namespace
}  // namespace curfew::test
