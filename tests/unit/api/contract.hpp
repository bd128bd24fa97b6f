// The OpenAPI document as the judge of what the server says.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "http_client.hpp"

namespace curfew::test {

// The document as the server has it.
const boost::json::value& contract();

// One operation of it.
struct Documented {
    std::string method;  // `GET`
    std::string path;    // `/grants/{id}`
    boost::json::value operation;
    // Parameters of the operation and of its path, resolved.
    std::vector<boost::json::value> parameters;

    std::string name() const { return method + " " + path; }
    // `anyone`, `person` or `administrator`.
    std::string access() const;
    // Of which a token needs one.
    std::vector<std::string> scopes() const;
    std::vector<std::string> parameters_in(std::string_view place) const;
};
const std::vector<Documented>& documented();

// What is wrong with an answer by the document; empty: nothing. Of a path or a method that it does not have
// only a problem document is right.
std::string wrong_by_contract(std::string_view method, std::string_view target, const HttpReply& reply);

// Fails the test where something is.
void expect_as_documented(std::string_view method, std::string_view target, const HttpReply& reply);

// What is wrong with `value` by the schema of that name; empty: nothing.
std::string wrong_by_schema(std::string_view schema, const boost::json::value& value);

}  // namespace curfew::test
