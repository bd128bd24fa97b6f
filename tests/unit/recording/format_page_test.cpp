// docs/recording-format.md shows each kind of entry as it is written.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "recording/entry_json.hpp"
#include "some_entries.hpp"

namespace curfew::recording {
namespace {

std::string format_page() {
    std::ifstream file{CURFEW_SOURCE_DIR "/docs/recording-format.md"};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(RecordingFormatPage, HasAnExampleOfEachKindAsItIsWritten) {
    const std::string page = format_page();
    for (const Entry& entry : test::one_of_each()) {
        EXPECT_NE(page.find("\n**`" + std::string{kind_of(entry.content)} + "`**"), std::string::npos)
            << kind_of(entry.content);
        EXPECT_NE(page.find("\n" + to_json(entry) + "\n"), std::string::npos) << to_json(entry);
    }
}

}  // namespace
}  // namespace curfew::recording
