// Opening and closing what a node listens on, at the start and at each reload.
#include "proxy/listeners.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "running_workers.hpp"
#include "support/byte_stream.hpp"
#include "support/listening_socket.hpp"
#include "support/temporary_directory.hpp"
#include "support/wire_format.hpp"

namespace curfew::test {
namespace {

using proxy::InheritedSocket;
using proxy::Listeners;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

config::Listener tcp(const std::string& name, std::uint16_t port = 0) {
    config::Listener listener;
    listener.name = name;
    listener.address = {"127.0.0.1", port};
    return listener;
}
config::Listener at_path(const std::string& name, const std::filesystem::path& path) {
    config::Listener listener;
    listener.name = name;
    listener.address = {path.string(), 0};
    return listener;
}

class ListenersOfANode : public testing::Test {
protected:
    RunningWorkers workers{2};
    TemporaryDirectory directory;
    Listeners listeners{workers.node, {}};

    ~ListenersOfANode() override {
        workers.loop.run(listeners.close_all());
        EXPECT_TRUE(workers.await_no_session());
    }

    Result<void> change_to(Listeners& which, std::vector<config::Listener> wanted) {
        config::Config config;
        config.listeners = wanted;
        workers.use(std::move(config));
        return workers.loop.run(which.change_to(std::move(wanted)));
    }
    Result<void> change_to(std::vector<config::Listener> wanted) {
        return change_to(listeners, std::move(wanted));
    }
    std::map<std::string, std::uint16_t> ports() const {
        std::map<std::string, std::uint16_t> ports;
        for (const auto& opened : listeners.opened())
            ports.emplace(opened.listener, opened.address.port);
        return ports;
    }
    // Somebody there speaks PostgreSQL.
    static bool answers(ByteStream stream) {
        stream.write(wire::ssl_request());
        ByteStream::End end = ByteStream::End::none;
        return stream.read_some(end) == "N";
    }
    static bool answers_at(std::uint16_t port) {
        try {
            return answers(ByteStream::connect_tcp(port));
        } catch (const std::system_error&) {
            return false;
        }
    }
    static bool answers_at(const std::filesystem::path& path) {
        try {
            return answers(ByteStream::connect_unix(path));
        } catch (const std::system_error&) {
            return false;
        }
    }
};

TEST_F(ListenersOfANode, AnswerWhereTheyAreOpen) {
    ASSERT_TRUE(change_to({tcp("main"), at_path("local", directory / "socket")}));
    // On every worker, however the kernel spreads them.
    for (int i = 0; i < 8; ++i)
        EXPECT_TRUE(answers_at(ports().at("main")));
    EXPECT_TRUE(answers_at(directory / "socket"));
}

TEST_F(ListenersOfANode, AnswerNoMoreOnceTheyAreClosed) {
    ASSERT_TRUE(change_to({tcp("main"), at_path("local", directory / "socket")}));
    const std::uint16_t port = ports().at("main");
    workers.loop.run(listeners.close_all());
    EXPECT_FALSE(answers_at(port));
    EXPECT_FALSE(std::filesystem::exists(directory / "socket"));
    EXPECT_THAT(listeners.opened(), IsEmpty());
}

TEST_F(ListenersOfANode, AreLeftAloneWhereTheyStayTheSame) {
    ASSERT_TRUE(change_to({tcp("main"), at_path("local", directory / "socket")}));
    const auto before = ports();
    ASSERT_TRUE(change_to({tcp("main"), at_path("local", directory / "socket"), tcp("other")}));
    EXPECT_EQ(ports().at("main"), before.at("main"));
    ASSERT_TRUE(change_to({tcp("main"), at_path("local", directory / "socket")}));
    EXPECT_EQ(ports(), before);
    EXPECT_TRUE(answers_at(before.at("main")));
    EXPECT_TRUE(answers_at(directory / "socket"));
}

TEST_F(ListenersOfANode, KeepTheirSocketsUnderANewName) {
    ASSERT_TRUE(change_to({tcp("main")}));
    const std::uint16_t port = ports().at("main");
    workers.loop.run(listeners.close_all());
    ASSERT_TRUE(change_to({tcp("main", port)}));
    ASSERT_TRUE(change_to({tcp("renamed", port)}));
    EXPECT_THAT(ports(), ElementsAre(Pair("renamed", port)));
    EXPECT_TRUE(answers_at(port));
}

TEST_F(ListenersOfANode, KeepTheirUnixSocketsUnderANewName) {
    ASSERT_TRUE(change_to({at_path("main", directory / "socket")}));
    const Result<void> renamed = change_to({at_path("renamed", directory / "socket")});
    ASSERT_TRUE(renamed) << renamed.error().message;
    EXPECT_TRUE(answers_at(directory / "socket"));
    workers.loop.run(listeners.close_all());
    EXPECT_FALSE(std::filesystem::exists(directory / "socket"));
}

TEST_F(ListenersOfANode, MayChangeAddresses) {
    ASSERT_TRUE(change_to({tcp("a"), tcp("b")}));
    const std::uint16_t a = ports().at("a");
    const std::uint16_t b = ports().at("b");
    workers.loop.run(listeners.close_all());
    ASSERT_TRUE(change_to({tcp("a", a), tcp("b", b)}));
    ASSERT_TRUE(change_to({tcp("a", b), tcp("b", a)}));
    EXPECT_THAT(ports(), ElementsAre(Pair("a", b), Pair("b", a)));
    EXPECT_TRUE(answers_at(a));
    EXPECT_TRUE(answers_at(b));
    // And one moves on while another takes its place.
    ASSERT_TRUE(change_to({tcp("a"), tcp("c", b)}));
    EXPECT_EQ(ports().at("c"), b);
    EXPECT_TRUE(answers_at(b));
    EXPECT_FALSE(answers_at(a));
    EXPECT_TRUE(answers_at(ports().at("a")));
}

TEST_F(ListenersOfANode, ChangeNothingWhereOneCannotBeOpened) {
    ASSERT_TRUE(change_to({tcp("main"), tcp("going")}));
    const auto before = ports();
    const ListeningSocket taken;
    const Result<void> changed =
        change_to({tcp("main"), at_path("new", directory / "socket"), tcp("taken", taken.port())});
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, ErrorCode::unavailable);
    EXPECT_THAT(changed.error().message, HasSubstr(std::to_string(taken.port())));
    EXPECT_EQ(ports(), before);
    EXPECT_FALSE(std::filesystem::exists(directory / "socket"));
    EXPECT_TRUE(answers_at(before.at("main")));
}

TEST_F(ListenersOfANode, AreNotOpenedWhereAnotherOneListens) {
    const ListeningSocket taken;
    EXPECT_FALSE(change_to({tcp("main", taken.port())}));
    EXPECT_FALSE(change_to({at_path("main", directory / "no" / "such")}));
    directory.write("file", "not a socket");
    EXPECT_FALSE(change_to({at_path("main", directory / "file")}));
    EXPECT_THAT(listeners.opened(), IsEmpty());
    EXPECT_TRUE(std::filesystem::exists(directory / "file"));
}

// --- Sockets that were opened by somebody else

// A descriptor that may be given away.
int give_away(const ListeningSocket& socket) {
    return ::fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, 100);
}
bool is_open(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) >= 0;
}

class InheritedListeners : public ListenersOfANode {
protected:
    ListeningSocket first;
    ListeningSocket second;

    std::map<std::string, std::uint16_t> inherit(std::vector<InheritedSocket> sockets,
                                                 std::vector<config::Listener> wanted) {
        Listeners inheriting{workers.node, std::move(sockets)};
        EXPECT_TRUE(change_to(inheriting, std::move(wanted)));
        std::map<std::string, std::uint16_t> ports;
        for (const auto& opened : inheriting.opened()) {
            ports.emplace(opened.listener, opened.address.port);
            EXPECT_TRUE(answers_at(opened.address.port));
        }
        workers.loop.run(inheriting.close_all());
        return ports;
    }
};

TEST_F(InheritedListeners, AreTakenByTheirNames) {
    EXPECT_THAT(inherit({{"b", give_away(second)}, {"a", give_away(first)}}, {tcp("a"), tcp("b")}),
                UnorderedElementsAre(Pair("a", first.port()), Pair("b", second.port())));
}

TEST_F(InheritedListeners, AreTakenWithoutANameWhereThereIsOneListener) {
    EXPECT_THAT(inherit({{"", give_away(first)}}, {tcp("main")}), ElementsAre(Pair("main", first.port())));
    EXPECT_THAT(inherit({{"unknown", give_away(second)}}, {tcp("main")}),
                ElementsAre(Pair("main", second.port())));
}

TEST_F(InheritedListeners, AreClosedWhereNothingIsConfiguredForThem) {
    const int nameless = give_away(first);
    const int other = give_away(second);
    inherit({{"", nameless}, {"other", other}}, {tcp("a"), tcp("b")});
    EXPECT_FALSE(is_open(nameless));
    EXPECT_FALSE(is_open(other));
}

TEST_F(InheritedListeners, AreReplacedByOurOwnWhereTheyCannotBeUsed) {
    const int no_socket = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_THAT(inherit({{"main", no_socket}}, {tcp("main")}), testing::SizeIs(1));
    EXPECT_FALSE(is_open(no_socket));
}

TEST_F(InheritedListeners, AreClosedWithTheirListener) {
    const int descriptor = give_away(first);
    inherit({{"main", descriptor}}, {tcp("main")});
    EXPECT_FALSE(is_open(descriptor));
}

}  // namespace
}  // namespace curfew::test
