#include "proxy/listening_socket.hpp"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "api/peer_identity.hpp"
#include "running_servers.hpp"

namespace curfew::proxy {
namespace {

using testing::HasSubstr;

class UnixListener : public testing::Test {
protected:
    test::TemporaryDirectory directory;
    const std::string path = directory / "admin.sock";

    static mode_t mode_of(const std::string& file) {
        struct stat status {};
        EXPECT_EQ(::lstat(file.c_str(), &status), 0);
        return status.st_mode & 07777;
    }
    static gid_t group_of(const std::string& file) {
        struct stat status {};
        EXPECT_EQ(::lstat(file.c_str(), &status), 0);
        return status.st_gid;
    }
    // A socket file that no process answers on, as a crash leaves it.
    void leave_a_stale_socket() const {
        const pid_t child = ::fork();
        if (child == 0) {
            auto socket = ListeningSocket::listen_unix(path, {});
            ::_exit(socket ? 0 : 1);  // no destructor runs: the file stays
        }
        int status = -1;
        ::waitpid(child, &status, 0);
        ASSERT_EQ(status, 0);
        ASSERT_TRUE(std::filesystem::is_socket(path));
    }
};

TEST_F(UnixListener, IsForItsOwnerAndGroupOnly) {
    const auto socket = ListeningSocket::listen_unix(path, {0660, ""});
    ASSERT_TRUE(socket);
    EXPECT_EQ(mode_of(path), 0660U);
}

TEST_F(UnixListener, IsNotOpenedToAnybodyByAnUmask) {
    const mode_t before = ::umask(0);
    const auto socket = ListeningSocket::listen_unix(path, {0660, ""});
    ::umask(before);
    ASSERT_TRUE(socket);
    EXPECT_EQ(mode_of(path), 0660U);
}

TEST_F(UnixListener, BelongsToTheGroup) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root may give a file to another group";
    const group* adm = ::getgrnam("adm");
    ASSERT_NE(adm, nullptr);
    const auto socket = ListeningSocket::listen_unix(path, {0660, "adm"});
    ASSERT_TRUE(socket);
    EXPECT_EQ(group_of(path), adm->gr_gid);
    EXPECT_EQ(mode_of(path), 0660U);
}

TEST_F(UnixListener, IsForItsOwnerAloneWhereTheGroupDoesNotExist) {
    const auto socket = ListeningSocket::listen_unix(path, {0660, "no-such-group-here"});
    ASSERT_TRUE(socket);
    EXPECT_EQ(mode_of(path), 0600U);
}

TEST_F(UnixListener, RefusesThePlaceOfALiveOne) {
    const auto first = ListeningSocket::listen_unix(path, {});
    const auto second = ListeningSocket::listen_unix(path, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_THAT(second.error().message, HasSubstr("another process answers there"));
    EXPECT_NO_THROW(test::RawClient::unix_socket(path)) << "the first is left alone";
}

TEST_F(UnixListener, ReplacesOneWhoseProcessIsGone) {
    leave_a_stale_socket();
    EXPECT_TRUE(ListeningSocket::listen_unix(path, {}));
}

TEST_F(UnixListener, LeavesAFileThatIsNotASocketAlone) {
    std::ofstream{path} << "precious";
    const auto socket = ListeningSocket::listen_unix(path, {});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, ErrorCode::conflict);
    EXPECT_THAT(socket.error().message, HasSubstr("not a socket"));
    EXPECT_EQ(std::filesystem::file_size(path), 8U);
}

TEST_F(UnixListener, SaysThatItsDirectoryIsMissing) {
    const auto socket = ListeningSocket::listen_unix(directory / "missing/admin.sock", {});
    ASSERT_FALSE(socket);
    EXPECT_THAT(socket.error().message, HasSubstr("directory does not exist"));
}

TEST_F(UnixListener, RefusesAPathThatIsTooLongForASocket) {
    const auto socket = ListeningSocket::listen_unix(directory / std::string(120, 'x'), {});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, ErrorCode::invalid);
    EXPECT_THAT(socket.error().message, HasSubstr("107 bytes"));
}

TEST_F(UnixListener, RemovesItsFileWhenItGoes) {
    { const auto socket = ListeningSocket::listen_unix(path, {}); }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixListener, LeavesASuccessorsFileAloneWhenItGoes) {
    std::optional<Result<ListeningSocket>> first{ListeningSocket::listen_unix(path, {})};
    std::filesystem::remove(path);
    const auto second = ListeningSocket::listen_unix(path, {});
    ASSERT_TRUE(second);
    first.reset();
    EXPECT_TRUE(std::filesystem::is_socket(path));
}

TEST(TcpListener, SaysThatItsPortIsTaken) {
    const auto first = ListeningSocket::listen_tcp({"127.0.0.1", 0});
    ASSERT_TRUE(first);
    const auto second = ListeningSocket::listen_tcp({"127.0.0.1", first->port()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_THAT(second.error().message, HasSubstr("in use"));
}

TEST(TcpListener, SaysThatItsAddressIsNotOne) {
    EXPECT_FALSE(ListeningSocket::listen_tcp({"no.such.host.invalid", 0}));
}

TEST(PeerIdentity, NamesAUserOfTheSystem) {
    EXPECT_EQ(api::actor_name(0), "root");
}

TEST(PeerIdentity, GivesTheNumberOfAUserWithoutAName) {
    EXPECT_EQ(api::actor_name(4'000'000'123), "uid:4000000123");
}

}  // namespace
}  // namespace curfew::proxy
