// A program that uses the API.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

#include "support/timing.hpp"

namespace curfew::test {

struct ApiAnswer {
    int status = 0;  // 0: the connection broke off, and nobody knows what became of it
    boost::json::value body;

    bool ok() const noexcept { return status >= 200 && status < 300; }
};

// One POST, below /api/v1, at a server on the loopback. `token` may be empty.
ApiAnswer api_post(std::uint16_t port, const std::string& path, const std::string& token,
                   const boost::json::value& body, std::chrono::milliseconds timeout = patience);
// The same by GET.
ApiAnswer api_get(std::uint16_t port, const std::string& path, const std::string& token,
                  std::chrono::milliseconds timeout = patience);

}  // namespace curfew::test
