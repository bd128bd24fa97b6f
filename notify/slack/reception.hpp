// Where Slack's calls come in: by HTTP, or through Socket Mode. Looks at whether they are Slack's, answers in
// time, and does what they ask for.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/notifiers.hpp"
#include "http/fetch.hpp"
#include "http/worker_pool.hpp"
#include "notify/slack/envelope.hpp"
#include "notify/slack/person_acts.hpp"
#include "notify/slack/socket_mode.hpp"
#include "proxy/task_group.hpp"

namespace curfew::notify::slack {

// One call over HTTP, as it came.
struct HttpCall {
    enum class Kind { interaction, command };

    Kind kind = Kind::interaction;
    std::string notifier;  // by the path
    std::string timestamp;
    std::string signature;
    std::string body;
};

// How long an answer is waited for before Slack is told that its call arrived: it gives up after three
// seconds.
inline constexpr std::chrono::milliseconds answered_within{2'000};
// What is under way at a time; more is answered `unavailable`.
inline constexpr std::size_t most_acts = 64;

// Belongs to its executor, which must be of a single thread.
class Reception {
public:
    Reception(boost::asio::any_io_executor executor, PersonActs::Parts parts);
    ~Reception();
    Reception(const Reception&) = delete;
    Reception& operator=(const Reception&) = delete;

    // The Slack notifiers there are from now on; connections of Socket Mode are opened and closed with them.
    // What is under way goes on with what it began with.
    void use(const std::vector<config::Notifier>& notifiers);

    // What to answer it with; an empty object: nothing but that it arrived. not_found: there is no such
    // notifier that is called by HTTP. forbidden: it is not signed as it has to be, or came before. invalid:
    // it cannot be read. unavailable: too much is under way, or the store is away.
    Awaitable<Result<boost::json::object>> receive(HttpCall call);

    // Ends connections and calls that are under way, and returns once everything is over; soon.
    Awaitable<void> stop();

private:
    using Answer = boost::json::object;
    struct Desk;  // of one notifier

    Awaitable<Result<Answer>> take(WorkspacePtr workspace, Interaction interaction);
    Awaitable<Result<Answer>> take(WorkspacePtr workspace, Command command);
    Awaitable<Result<void>> first_time(std::string key, Duration lifetime);
    Awaitable<Answer> from_socket(WorkspacePtr workspace, Envelope envelope);

    // The answer if it is there in time; else an empty one, and `late` is told it when it is.
    using Late = std::function<Awaitable<void>(Answer)>;
    Awaitable<Answer> soon(Awaitable<Answer> work, Late late);
    // Until `work` is over nobody waits for it.
    void begin(Awaitable<void> work);

    const boost::asio::any_io_executor executor_;
    store::Store& store_;
    const Clock& clock_;
    PersonActs acts_;
    std::unique_ptr<http::CurlFetch> fetch_;  // with the first notifier
    std::unique_ptr<http::WorkerPool> pool_;  // the same
    std::map<std::string, std::shared_ptr<Desk>, std::less<>> desks_;
    proxy::TaskGroup tasks_;
    bool stopping_ = false;
};

}  // namespace curfew::notify::slack
