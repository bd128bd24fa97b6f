#include "apps/process_identity.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string>

namespace curfew::apps {
namespace {

// Of a process that has ended; `before_reaped` is called while it is a zombie.
std::string identity_of_another(const std::function<void(const std::string&)>& before_reaped) {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string identity = process_identity();
        const bool told = ::write(pipe[1], identity.data(), identity.size()) == ssize_t(identity.size());
        ::_exit(told ? 0 : 1);
    }
    ::close(pipe[1]);
    std::array<char, 256> text{};
    const ssize_t size = ::read(pipe[0], text.data(), text.size());
    ::close(pipe[0]);
    const std::string identity{text.data(), size > 0 ? std::size_t(size) : 0};
    siginfo_t info{};
    EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    before_reaped(identity);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    return identity;
}

TEST(ProcessIdentity, IsOfARunningProcess) {
    EXPECT_FALSE(is_known_to_have_ended(process_identity()));
}

TEST(ProcessIdentity, IsOfOneProcessAtATime) {
    EXPECT_NE(process_identity(), identity_of_another([](const std::string&) {}));
}

TEST(ProcessIdentity, TellsThatAProcessHasEnded) {
    const std::string identity = identity_of_another([](const std::string& ended) {
        EXPECT_TRUE(is_known_to_have_ended(ended)) << "nobody has asked how it ended yet: " << ended;
    });
    EXPECT_TRUE(is_known_to_have_ended(identity)) << identity;
}

TEST(ProcessIdentity, TellsThatALaterProcessHasItsNumber) {
    std::string identity = process_identity();
    const std::size_t last = identity.rfind('/');
    identity.insert(last, "0");  // another start
    EXPECT_TRUE(is_known_to_have_ended(identity)) << identity;
}

TEST(ProcessIdentity, TellsNothingOfOtherHosts) {
    std::string identity = process_identity();
    identity[0] = identity[0] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(is_known_to_have_ended(identity));
    for (const char* none : {"", "/", "///", "////x"})
        EXPECT_FALSE(is_known_to_have_ended(none)) << none;
}

}  // namespace
}  // namespace curfew::apps
