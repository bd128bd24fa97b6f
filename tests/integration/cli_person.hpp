// Somebody at work with the real `curfew` command.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/temporary_directory.hpp"
#include "unit/cli/child_process.hpp"

namespace curfew::test {

// Somebody with a home of their own, where `curfew` keeps what they are signed in to.
class Person {
public:
    explicit Person(std::string name) : name_{std::move(name)} {}

    const std::string& name() const noexcept { return name_; }
    Environment environment(Environment more = {}) const;
    // Without a terminal.
    Finished curfew(const std::vector<std::string>& arguments, std::string_view input = "") const;
    // The same where it has to work; gives what it printed.
    std::string does(const std::vector<std::string>& arguments, std::string_view input = "") const;
    // With --json: what it printed, read.
    boost::json::value asks(std::vector<std::string> arguments) const;

    static constexpr const char* password = "correct horse battery";

private:
    std::string name_;
    TemporaryDirectory home_{"curfew-home"};
};

}  // namespace curfew::test
