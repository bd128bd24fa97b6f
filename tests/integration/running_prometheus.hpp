// A real Prometheus that scrapes one curfewd and evaluates the alert rules, run by a test.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {

class RunningPrometheus {
public:
    // Scrapes this port of the loopback many times a second, as the job `curfew`. Returns once it answers.
    RunningPrometheus(std::uint16_t metrics_port, const std::filesystem::path& rules);

    // What an instant query gives: a vector of series. Throws std::runtime_error with Prometheus' own words
    // where it does not understand it.
    boost::json::array query(const std::string& expression) const;
    // The same, asked until it gives something; empty where that did not happen in time. Prometheus tells
    // nobody when it has scraped.
    boost::json::array await(const std::string& expression) const;
    // The rules that are loaded, as /api/v1/rules has them.
    boost::json::array rules() const;
    std::string log() const { return process_->output(Process::Stream::err); }

private:
    // What `path` answers under `data`.
    boost::json::value get(const std::string& path) const;

    TemporaryDirectory directory_{"curfew-prometheus"};
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

// The value of a series that an instant query gave.
double value_of(const boost::json::value& series);

}  // namespace curfew::test
