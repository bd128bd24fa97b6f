// What a receipt states, in words.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace curfew::cli {

struct ReceiptFact {
    std::string name;   // `backend`
    std::string value;  // printable, of one line
};

// Of a receipt's document. What a newer version says besides is left out. Times are the reader's.
std::vector<ReceiptFact> receipt_facts(const boost::json::object& document);

}  // namespace curfew::cli
