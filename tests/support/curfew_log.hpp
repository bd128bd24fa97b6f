// curfewd's log as a test reads it: JSON objects, and waiting for the one that matters.
#pragma once

#include <boost/json/object.hpp>
#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/timing.hpp"

namespace curfew::test {

// One line of the log.
class LogEvent {
public:
    explicit LogEvent(boost::json::object fields) : fields_{std::move(fields)} {}

    std::string name() const { return text("event"); }
    // A field as text; "" if absent.
    std::string text(std::string_view field) const;
    // A field as a number. Throws std::runtime_error if it is absent or none.
    double number(std::string_view field) const;
    bool has(std::string_view field) const { return fields_.contains(field); }
    std::string line() const;

private:
    boost::json::object fields_;
};

// Fields that an event must carry, as text.
using Fields = std::map<std::string, std::string>;

// Thread-safe: filled by the thread that reads curfewd's standard error.
class CurfewLog {
public:
    void add(const std::string& line);
    // No more will come: whoever waits need not.
    void close();

    // The first such event, past or to come. Throws std::runtime_error, with the log, if there is none in
    // time.
    LogEvent await(const std::string& event, const Fields& fields = {},
                   std::chrono::milliseconds timeout = patience) const;
    // Waits until there are `count` such events, past and to come; gives them.
    std::vector<LogEvent> await_all(const std::string& event, std::size_t count, const Fields& fields = {},
                                    std::chrono::milliseconds timeout = patience) const;
    std::vector<LogEvent> events(const std::string& event, const Fields& fields = {}) const;
    // Everything, as written.
    std::string text() const;

private:
    std::vector<LogEvent> matching(const std::string& event, const Fields& fields) const;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<LogEvent> events_;
    std::string text_;
    bool closed_ = false;
};

}  // namespace curfew::test
