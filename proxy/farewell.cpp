#include "proxy/farewell.hpp"

#include <array>
#include <chrono>
#include <span>

#include "proxy/let_others_run.hpp"

namespace curfew::proxy {
namespace {

// What the client's machine has not taken by then it is not to have any more.
constexpr std::chrono::milliseconds undelivered_at_most{150};

// Interrupts the stream when the budget is used up.
class Budget {
public:
    Budget(BootTimer& timer, Stream& stream, BootInstant until)
        : timer_{timer}, entry_{timer.add(until, [&stream] { stream.interrupt(); })} {}
    ~Budget() { timer_.remove(entry_); }
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

private:
    BootTimer& timer_;
    DeadlineQueue::Token entry_;
};

boost::asio::awaitable<void> read_to_end(Stream& client) {
    static thread_local std::array<char, std::size_t{64} * 1024> nowhere;
    for (int chunks = 1;; ++chunks) {
        const Stream::Outcome outcome = client.try_read(nowhere);
        if (outcome.status == Stream::Status::ok) {
            if (chunks % chunks_per_turn == 0) co_await let_others_run();
            if (client.interrupted()) co_return;  // a flood does not get more time
            continue;
        }
        if (outcome.status != Stream::Status::want_read && outcome.status != Stream::Status::want_write)
            co_return;
        if (co_await client.wait(outcome.status) != Stream::Status::ok) co_return;
    }
}

}  // namespace

boost::asio::awaitable<void> bid_farewell(Stream& client, ClientWriter* writer, BootTimer& timer,
                                          BootInstant until, std::string last_words,
                                          std::function<void()> over, Undelivered undelivered) {
    if (!client.is_open()) {
        over();
        co_return;
    }
    const Budget budget{timer, client, until};
    bool at_boundary = true;
    if (writer != nullptr) at_boundary = co_await writer->finish_message();
    if (at_boundary && !last_words.empty()) co_await client.write_all(last_words);
    client.shutdown_write();
    over();
    co_await read_to_end(client);
    if (undelivered == Undelivered::dropped) {
        client.close_for_good(undelivered_at_most);
    } else {
        client.close();
    }
}

}  // namespace curfew::proxy
