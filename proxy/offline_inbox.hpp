// Grants signed offline that somebody drops into a directory of the node.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "proxy/offline_control.hpp"

namespace curfew::proxy {

// Belongs to its executor's thread.
class OfflineInbox {
public:
    using Take =
        std::function<boost::asio::awaitable<Result<OfflineTaken>>(std::string text, std::string name)>;

    explicit OfflineInbox(boost::asio::any_io_executor control) : control_{std::move(control)} {}

    // Hands every file in `directory`/incoming to `take`, those that are there and those that come, and calls
    // each `NAME.taken` or `NAME.refused` afterwards. A name that begins with a dot, or ends so already, is
    // passed over: write under such a name and rename. Runs until stop(); the error says why it cannot watch.
    boost::asio::awaitable<Result<void>> run(std::filesystem::path directory, Take take);
    void stop();

private:
    boost::asio::awaitable<void> take_all(const std::filesystem::path& incoming, const Take& take);

    boost::asio::any_io_executor control_;
    bool stopping_ = false;
    std::function<void()> wake_;
};

}  // namespace curfew::proxy
