#include "cli/csv.hpp"

#include <gmock/gmock.h>

namespace curfew::cli {
namespace {

TEST(Csv, QuotesTextAndLeavesNumbersAlone) {
    EXPECT_EQ(csv_line({"a", "12", "b, \"c\"", ""}), "\"a\",12,\"b, \"\"c\"\"\",\"\"\r\n");
    EXPECT_EQ(csv_line({"two\nlines"}), "\"two\nlines\"\r\n");
}

TEST(Csv, LetsNothingBeTakenForAFormula) {
    for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"})
        EXPECT_EQ(csv_line({text}), std::string{"\"'"} + text + "\"\r\n");
}

}  // namespace
}  // namespace curfew::cli
