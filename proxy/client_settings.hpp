// Whether PostgreSQL reads what a client sends as Curfew's parser does, as far as settings decide that. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/postgres/startup.hpp"
#include "sql/statement.hpp"

namespace curfew::proxy {

// Those of one session by command. What a client may not SET without asking, it gains nothing by either when
// it gives it at its start: the names of tables, and where a text ends, could then mean something else than
// those thought who wrote the rules.
class ClientSettings {
public:
    explicit ClientSettings(const postgres::StartupMessage& startup);

    // PostgreSQL said so in a ParameterStatus.
    void reported(std::string_view name, std::string_view value);
    // What was asked for runs. `understood`: these are all of its statements.
    void ran(const std::vector<sql::Statement>& statements, bool understood);

    // Why nothing but transaction control runs without asking, for people: a sentence's end ("search_path was
    // set at its start"). Empty: there is no such reason.
    std::string doubt() const;
    // Bytes above 127 are what they seem in UTF-8.
    bool is_utf8() const noexcept { return utf8_; }

private:
    std::string changed_;  // what was set, and when
    bool standard_strings_ = true;
    bool ascii_is_ascii_ = true;  // in no longer character
    bool utf8_ = true;
    std::string encoding_;
};

}  // namespace curfew::proxy
