// Slack's own judgement of what an app sends to be shown: the shapes and limits of Block Kit, as
// https://docs.slack.dev/reference/block-kit has them, for what Curfew uses of it.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace curfew::test {

// What Slack would refuse it for (`invalid_blocks`), one line each; empty: nothing. Blocks of a kind that is
// not known here are refused as well.
std::vector<std::string> problems_of_blocks(const boost::json::array& blocks, std::size_t most);
// Of a message's blocks and text.
std::vector<std::string> problems_of_message(const boost::json::object& message);
// Of the `view` of views.open.
std::vector<std::string> problems_of_modal(const boost::json::object& view);

}  // namespace curfew::test
