// What is wrong with a configuration file, and where.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curfew::config {

// A position in the file, both from 1. Line 0: the file as a whole.
struct Place {
    int line = 0;
    int column = 0;

    bool operator==(const Place&) const = default;
};

struct Problem {
    std::string file;  // of a live object: `live rule 'prod'`
    int line = 0;      // from 1; 0: the file as a whole
    int column = 0;
    std::string key;      // `resources.prod.port`, `listeners[0].tls.mode`; empty: the file as a whole
    std::string message;  // what was expected and what was found; never a secret

    bool operator==(const Problem&) const = default;
};

// `curfew.yaml:12:5: resources.prod.port: expected a number from 1 to 65535, found 'abc'`: the form that
// editors and terminals turn into links.
std::string to_string(const Problem& problem);

// In the order of the file.
void sort_by_place(std::vector<Problem>& problems);

// Collects the problems of one file.
class Report {
public:
    explicit Report(std::string file) : file_{std::move(file)} {}

    // Remembers where `key` stands, for problems that come to light only later.
    void remember(const std::string& key, Place place);

    void add(Place place, std::string key, std::string message);
    // At the place remembered for `key`, or for the nearest key above it.
    void add(const std::string& key, std::string message);
    void add(Problem problem) { problems_.push_back(std::move(problem)); }
    // The problem that add(key, message) would add.
    Problem at(const std::string& key, std::string message) const;

    bool empty() const noexcept { return problems_.empty(); }
    // In the order of the file.
    std::vector<Problem> take();

private:
    std::string file_;
    std::map<std::string, Place, std::less<>> places_;
    std::vector<Problem> problems_;
};

}  // namespace curfew::config
