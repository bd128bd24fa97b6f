// The socket by which a node runs a script: who gets in, and what is left of it.
#include "proxy/script_door.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "support/file_descriptor.hpp"
#include "unit/proxy_streams/loop.hpp"

namespace curfew::test {
namespace {

using proxy::ScriptDoor;

std::string parameter(const pq::Parameters& parameters, const std::string& name) {
    for (const auto& [keyword, value] : parameters) {
        if (keyword == name) return value;
    }
    return {};
}

FileDescriptor connect_to(const std::string& path) {
    FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return FileDescriptor{};
    return socket;
}

class ADoor : public testing::Test {
protected:
    Loop loop;
    std::optional<FileDescriptor> let_in;
    std::function<void()> say_over;
    ScriptDoor door = ScriptDoor::open(loop.executor(), [this](int descriptor, std::function<void()> over) {
                          let_in.emplace(descriptor);
                          say_over = std::move(over);
                      }).value();
    const std::string directory = parameter(door.way_in(), "host");
    const std::string socket = directory + "/.s.PGSQL." + parameter(door.way_in(), "port");

    void await_entry() {
        const Instant deadline = now() + patience;
        while (!let_in && now() < deadline)
            loop.wait_once(deadline);
    }
};

TEST_F(ADoor, LetsThisProcessIn) {
    const FileDescriptor own = connect_to(socket);
    await_entry();
    ASSERT_TRUE(let_in);
    ASSERT_EQ(::write(own.get(), "x", 1), 1);
    char byte = 0;
    EXPECT_EQ(::read(let_in->get(), &byte, 1), 1);
    EXPECT_EQ(byte, 'x');
}

TEST_F(ADoor, IsGoneOnceSomebodyIsIn) {
    const FileDescriptor own = connect_to(socket);
    await_entry();
    EXPECT_FALSE(std::filesystem::exists(directory));
    EXPECT_FALSE(connect_to(socket));
}

TEST_F(ADoor, IsForNoOtherUser) {
    struct stat status {};
    ASSERT_EQ(::stat(directory.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(ADoor, LetsNoOtherProcessIn) {
    const pid_t child = ::fork();
    if (child == 0) {
        const FileDescriptor stranger = connect_to(socket);
        char byte = 0;
        ::_exit(::read(stranger.get(), &byte, 1) == 0 ? 0 : 1);  // closed without a word
    }
    int status = -1;
    const Instant deadline = now() + patience;
    while (::waitpid(child, &status, WNOHANG) == 0 && now() < deadline)
        loop.wait_once(now() + std::chrono::milliseconds{10});
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(let_in);
    const FileDescriptor own = connect_to(socket);  // the door is still there
    await_entry();
    EXPECT_TRUE(let_in);
}

TEST_F(ADoor, KnowsWhenTheSessionOfWhoCameInIsGone) {
    const FileDescriptor own = connect_to(socket);
    await_entry();
    auto over = loop.start(door.session_over(patience));
    loop.settle();
    EXPECT_FALSE(is_over(over));
    say_over();
    loop.finish(over);
}

TEST_F(ADoor, LeavesNothingBehindThoughNobodyCame) {
    { const ScriptDoor closed = std::move(door); }
    EXPECT_FALSE(std::filesystem::exists(directory));
    EXPECT_FALSE(loop.is_busy());
}

}  // namespace
}  // namespace curfew::test
