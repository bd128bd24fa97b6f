#include "apps/service_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>

#include "support/listening_socket.hpp"
#include "support/notify_socket.hpp"

namespace curfew::apps {
namespace {

using namespace std::chrono_literals;

TEST(ServiceManagerMessage, IsReadyWithAStatus) {
    EXPECT_EQ(ready_message("Taking sessions"), "READY=1\nSTATUS=Taking sessions");
}

TEST(ServiceManagerMessage, TellsWhenAReloadBegan) {
    EXPECT_EQ(reloading_message("Reading", 1'234'567us),
              "RELOADING=1\nMONOTONIC_USEC=1234567\nSTATUS=Reading");
}

TEST(ServiceManagerMessage, CannotBeGivenAnotherAssignment) {
    EXPECT_EQ(status_message("bad\nREADY=1"), "STATUS=bad\\x0aREADY=1");
    EXPECT_EQ(stopping_message("bad\nREADY=1"), "STOPPING=1\nSTATUS=bad\\x0aREADY=1");
}

// Each runs in a process of its own, where it may change the environment and the descriptors. 0: as expected.
void expect_in_child(const std::function<int()>& body) {
    EXPECT_EXIT(::_exit(body()), testing::ExitedWithCode(0), "");
}

TEST(ServiceManager, IsToldByItsSocket) {
    test::NotifySocket socket;
    expect_in_child([&] {
        ::setenv("NOTIFY_SOCKET", socket.path().c_str(), 1);
        notify(ready_message("Taking sessions"));
        return 0;
    });
    EXPECT_EQ(socket.await("READY=1"), "READY=1\nSTATUS=Taking sessions");
}

TEST(ServiceManager, NeedNotBeThere) {
    expect_in_child([] {
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("WATCHDOG_USEC");
        ::unsetenv("LISTEN_FDS");
        notify(ready_message(""));
        return watchdog_interval() || !inherited_sockets().value().empty() ? 1 : 0;
    });
}

TEST(Watchdog, IsFedThreeTimesAsOftenAsItMustBe) {
    expect_in_child([] {
        ::setenv("WATCHDOG_USEC", "30000000", 1);
        return watchdog_interval() == Duration{10s} ? 0 : 1;
    });
}

TEST(Watchdog, IsNotFedByAProcessThatItDoesNotWatch) {
    expect_in_child([] {
        ::setenv("WATCHDOG_USEC", "30000000", 1);
        ::setenv("WATCHDOG_PID", "1", 1);
        return watchdog_interval() ? 1 : 0;
    });
}

void pass(int descriptor, const char* names) {
    ::dup2(descriptor, 3);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "1", 1);
    if (names != nullptr) ::setenv("LISTEN_FDNAMES", names, 1);
}

TEST(InheritedSockets, ComeWithTheirNames) {
    const test::ListeningSocket socket;
    expect_in_child([&] {
        pass(socket.descriptor(), "main");
        const auto sockets = inherited_sockets().value();
        return sockets.size() == 1 && sockets[0].name == "main" && sockets[0].descriptor == 3 ? 0 : 1;
    });
}

TEST(InheritedSockets, MayHaveNoNames) {
    const test::ListeningSocket socket;
    expect_in_child([&] {
        pass(socket.descriptor(), nullptr);
        return inherited_sockets().value().at(0).name == "unknown" ? 0 : 1;
    });
}

TEST(InheritedSockets, AreTakenOnce) {
    const test::ListeningSocket socket;
    expect_in_child([&] {
        pass(socket.descriptor(), "main");
        (void)inherited_sockets();
        return inherited_sockets().value().empty() ? 0 : 1;
    });
}

TEST(InheritedSockets, ListenAndAreStreams) {
    expect_in_child([] {
        pass(::socket(AF_INET, SOCK_DGRAM, 0), "main");
        const auto sockets = inherited_sockets();
        return !sockets && sockets.error().message.find("'main'") != std::string::npos ? 0 : 1;
    });
    expect_in_child([] {
        pass(::socket(AF_INET, SOCK_STREAM, 0), "main");
        return inherited_sockets() ? 1 : 0;
    });
}

}  // namespace
}  // namespace curfew::apps
