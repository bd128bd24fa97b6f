// A recording as asciicast v2, as if the session had been one of psql's: to be played by asciinema or by a
// player in a web page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "recording/entry.hpp"
#include "recording/statements.hpp"

namespace curfew::recording {

struct CastSize {
    unsigned columns = 120;
    unsigned rows = 40;
};

// Fed with the entries in their order; appends lines of asciicast v2, the header first. What was recorded
// goes in without control characters, so that it can do nothing to the terminal that plays it.
class CastExport {
public:
    explicit CastExport(CastSize size = {}) : size_{size} {}

    void add(const Entry& entry, std::string& out);

private:
    void begin(const Entry& entry, std::string& out);
    std::string shown(const entry::Content& content);
    std::string prompted(std::string_view sql, std::string_view parameters) const;
    std::string shown_query(const entry::Query& query) const;
    std::string shown_execute(const entry::Execute& execute) const;
    std::string shown_columns(const entry::Columns& columns) const;
    std::string shown_row(const entry::Row& row) const;

    CastSize size_;
    StatementBook statements_;
    policy::RecordingMode mode_ = policy::RecordingMode::statements;
    std::string database_ = "postgres";
    char status_ = 'I';
    Offset latest_{};
    bool begun_ = false;
};

}  // namespace curfew::recording
