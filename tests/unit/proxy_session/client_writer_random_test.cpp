// A ClientWriter against random streams, pieces, socket buffers, notices, readers and ends.
#include <gmock/gmock.h>

#include <random>
#include <vector>

#include "message_stream.hpp"
#include "proxy/client_writer.hpp"
#include "sockets.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using proxy::ClientWriter;
using proxy::Stream;
using Status = Stream::Status;

const std::string last_words = wire::message('E', "the end");

// One session's stream to its client, until it is interrupted at some moment and brought to an end.
class RandomDelivery {
public:
    RandomDelivery(Transport transport, unsigned seed)
        : random_{seed},
          pair_{local_pair(loop_, transport, static_cast<int>(between(random_, 1, 60'000)))},
          writer_{pair_.server},
          stream_{random_messages(random_, between(random_, 1, 400'000))},
          slack_{transport == Transport::tls ? std::size_t{16'384} : 0} {}

    void run() {
        auto delivering = loop_.start(deliver());
        const std::size_t steps = between(random_, 0, 60);
        for (std::size_t i = 0; i < steps && !test::is_over(delivering); ++i)
            do_something();
        pair_.server.interrupt();
        ASSERT_NO_THROW(loop_.finish(delivering));
        pair_.server.resume();
        ended_ = true;

        auto ending = loop_.start(end());
        const bool patient = between(random_, 0, 9) > 0;
        if (patient) {
            auto reading = loop_.start(read_all(pair_.client, received_));
            finished_ = loop_.finish(ending);
            loop_.finish(reading);
        } else {
            for (std::size_t i = between(random_, 0, 3); i > 0; --i)
                do_something();
            pair_.server.interrupt();
            finished_ = loop_.finish(ending);
            received_ += take(pair_.client);
        }
        check(patient);
    }

private:
    void do_something() {
        switch (between(random_, 0, 5)) {
            case 0:
                loop_.settle();
                break;
            case 1:
                loop_.step();
                break;
            case 2:
                if (ended_) break;
                notices_.push_back("notice " + std::to_string(notices_.size()) +
                                   std::string(between(random_, 0, between(random_, 0, 3'000)), 'n'));
                writer_.say(wire::message('N', notices_.back()));
                break;
            default:
                received_ += take(pair_.client, between(random_, 1, 50'000));
                loop_.settle();
        }
    }

    // As a relay does, from a buffer that is used again.
    asio::awaitable<void> deliver() {
        while (handed_over_ < stream_.size()) {
            const std::size_t least = between(random_, 1, 4) == 1 ? 1 : 1'000;
            piece_ = stream_.substr(handed_over_, between(random_, least, least == 1 ? 9 : 66'000));
            handed_over_ += piece_.size();
            const Status status = co_await writer_.deliver(piece_);
            if (status != Status::ok) co_return;
        }
    }

    asio::awaitable<bool> end() {
        const bool at_boundary = co_await writer_.finish_message();
        if (at_boundary) co_await pair_.server.write_all(last_words);
        pair_.server.shutdown_write();
        co_return at_boundary;
    }

    void check(bool patient) const {
        const Parsed parsed = parse(received_);
        ASSERT_FALSE(parsed.garbled);
        std::string theirs;
        std::size_t notices = 0;
        for (const wire::Message& message : parsed.messages) {
            if (message.type == 'N') {
                ASSERT_LT(notices, notices_.size());
                ASSERT_EQ(message.body, notices_[notices++]);
            } else if (message.type != 'E') {
                theirs += wire::message(message.type, message.body);
            }
        }
        ASSERT_TRUE(stream_.starts_with(theirs));
        const bool said = parsed.types().ends_with('E');
        ASSERT_EQ(parsed.types().find('E') != std::string::npos, said);
        if (patient) {
            ASSERT_EQ(said, finished_);
            if (finished_) {
                ASSERT_EQ(parsed.torn, "");
            } else {
                check_no_boundary_was_in_reach(theirs.size() + parsed.torn.size());
            }
        }
        if (!parsed.torn.empty() && !said) {
            const bool of_theirs = stream_.substr(theirs.size()).starts_with(parsed.torn);
            ASSERT_TRUE(of_theirs || parsed.torn[0] == 'N' || parsed.torn[0] == 'E');
        }
    }

    // `written`: what the client got of the stream, up to a record that OpenSSL may have begun.
    void check_no_boundary_was_in_reach(std::size_t written) const {
        ASSERT_GT(boundary_from(stream_, written + slack_), handed_over_);
    }

    std::mt19937 random_;
    Loop loop_;
    StreamPair pair_;
    ClientWriter writer_;
    const std::string stream_;
    const std::size_t slack_;
    std::string piece_;
    std::size_t handed_over_ = 0;
    std::vector<std::string> notices_;
    std::string received_;
    bool ended_ = false;  // nothing is said any more
    bool finished_ = false;
};

class RandomDeliveries : public testing::TestWithParam<Transport> {};

TEST_P(RandomDeliveries, AreAlwaysStreamsOfWholeMessages) {
    const unsigned count = GetParam() == Transport::tls ? 400 : 1'500;
    for (unsigned seed = 0; seed < count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomDelivery delivery{GetParam(), seed};
        delivery.run();
        if (HasFatalFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Over, RandomDeliveries, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test
