// A recording as an SQL script: what was run, in its order, with times, parameters and outcomes as comments.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "recording/entry.hpp"
#include "recording/statements.hpp"

namespace curfew::recording {

// Fed with the entries in their order; appends SQL. A statement is written once its outcome is known. It is
// commented out where it failed, where its outcome is not known, and where it is not in the recording as it
// was sent (redacted, cut, or a COPY whose data would follow). Nothing that was recorded can leave a comment.
class SqlExport {
public:
    void add(const Entry& entry, std::string& out);
    // Writes what is still without an outcome.
    void finish(std::string& out);

private:
    // Something asked for, and not written yet.
    struct Pending {
        Offset at{};
        std::string sql;
        std::string parameters;  // as a comment says them; empty: none
        std::string why_not;     // it cannot be run as it stands here; empty: it can
        std::string outcomes;    // as a comment says them
        bool is_query = false;   // a Query may have several answers, up to Ready
    };
    void start(const entry::Started& started, std::string& out);
    void ask(Pending pending, std::string& out);
    void ask_query(const Entry& entry, const entry::Query& query, std::string& out);
    void ask_execute(const Entry& entry, const entry::Execute& execute, std::string& out);
    Pending* answered(Offset asked, std::string& out);
    void complete(const Entry& entry, const entry::Completed& completed, std::string& out);
    void fail(const Entry& entry, const entry::Failed& failed, std::string& out);
    void ready(std::string& out);
    void comment(Offset at, std::string_view text, std::string& out) const;
    void write_front(std::string& out);
    std::string time_of(Offset at) const;

    StatementBook statements_;
    std::deque<Pending> pending_;
    std::size_t pending_bytes_ = 0;
    std::shared_ptr<const entry::Parse> only_parsed_;  // since the last Ready, and not executed
    WallInstant began_{};
    policy::RecordingMode mode_ = policy::RecordingMode::statements;
};

}  // namespace curfew::recording
