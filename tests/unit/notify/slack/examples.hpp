// The documented payloads.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace curfew::notify::slack {

inline std::string example_text(const std::string& name) {
    std::ifstream file{std::string{CURFEW_EXAMPLES} + "/slack/" + name};
    if (!file) throw std::runtime_error("there is no example " + name);
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline boost::json::object example(const std::string& name) {
    return boost::json::parse(example_text(name)).as_object();
}

}  // namespace curfew::notify::slack
