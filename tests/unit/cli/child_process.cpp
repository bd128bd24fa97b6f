#include "child_process.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test {
namespace {

constexpr int patience_ms = 20'000 * slowdown;

// What the command is started with. Made before the fork: another thread may hold the allocator's lock at
// that instant, and in the child it would hold it for ever.
class Command {
public:
    Command(const std::vector<std::string>& arguments, const Environment& environment)
        : arguments_{"curfew"} {
        arguments_.insert(arguments_.end(), arguments.begin(), arguments.end());
        for (const auto& [name, value] : environment_of(environment))
            environment_.push_back(name + '=' + value);
        argv_ = pointers(arguments_);
        envp_ = pointers(environment_);
    }
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    // In the child: becomes the command.
    [[noreturn]] void become() const {
        ::execve(CURFEW_TEST_COMMAND, argv_.data(), envp_.data());
        ::_exit(127);
    }

private:
    // Nobody's own sign-ins, and nothing else that stands in the environment of who runs the tests.
    static Environment environment_of(const Environment& given) {
        Environment all;
        for (char** entry = environ; *entry != nullptr; ++entry) {
            const std::string_view text{*entry};
            const auto equals = text.find('=');
            if (equals != std::string_view::npos)
                all.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
        for (const char* name : {"CURFEW_SOCKET", "CURFEW_SERVER", "CURFEW_TOKEN", "CURFEW_CA_FILE", "EDITOR",
                                 "VISUAL", "PGHOST", "PGPORT", "PGPASSWORD", "NO_COLOR"})
            all.erase(name);
        all["TZ"] = "UTC";
        all["TERM"] = "xterm";
        all["LC_ALL"] = "C.UTF-8";
        all["XDG_CONFIG_HOME"] = "/nonexistent";
        for (const auto& [name, value] : given)
            all[name] = value;
        return all;
    }
    static std::vector<char*> pointers(std::vector<std::string>& texts) {
        std::vector<char*> all;
        for (std::string& text : texts)
            all.push_back(text.data());
        all.push_back(nullptr);
        return all;
    }

    std::vector<std::string> arguments_;
    std::vector<std::string> environment_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
};

bool readable(int descriptor) {
    pollfd wait{descriptor, POLLIN, 0};
    return ::poll(&wait, 1, patience_ms) == 1;
}

// Appends what can be read now; false at the end of the input.
bool append_from(int descriptor, std::string& text) {
    if (!readable(descriptor)) throw std::runtime_error("nothing came; so far: '" + text + "'");
    std::array<char, 4096> buffer{};
    const auto length = ::read(descriptor, buffer.data(), buffer.size());
    if (length <= 0) return false;  // a terminal whose other end is closed gives EIO
    text.append(buffer.data(), static_cast<std::size_t>(length));
    return true;
}

int wait_for(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Finished run_curfew(const std::vector<std::string>& arguments, std::string_view input,
                    const Environment& environment) {
    std::array<int, 2> in{}, out{}, err{};
    if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0 || ::pipe(err.data()) != 0) {
        throw std::runtime_error("cannot make pipes");
    }
    const Command command{arguments, environment};
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(in[0], STDIN_FILENO);
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(err[1], STDERR_FILENO);
        for (const int descriptor : {in[0], in[1], out[0], out[1], err[0], err[1]})
            ::close(descriptor);
        command.become();
    }
    for (const int descriptor : {in[0], out[1], err[1]})
        ::close(descriptor);
    // Small enough for a pipe's buffer, so that this cannot wait for the child.
    EXPECT_EQ(::write(in[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
    ::close(in[1]);
    Finished finished;
    while (append_from(out[0], finished.out)) {
    }
    while (append_from(err[0], finished.err)) {
    }
    ::close(out[0]);
    ::close(err[0]);
    finished.exit_code = wait_for(pid);
    return finished;
}

OnTerminal::OnTerminal(const std::vector<std::string>& arguments, const Environment& environment) {
    winsize size{};
    size.ws_col = 100;
    size.ws_row = 30;
    const Command command{arguments, environment};
    pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (pid_ == 0) command.become();
    if (pid_ < 0) throw std::runtime_error("cannot make a terminal");
}

OnTerminal::~OnTerminal() {
    if (!finished_) {
        ::kill(pid_, SIGKILL);
        wait_for(pid_);
    }
    ::close(master_);
}

bool OnTerminal::read_some() {
    return append_from(master_, unread_);
}

std::string OnTerminal::read_until(std::string_view marker) {
    while (true) {
        if (const auto found = unread_.find(marker); found != std::string::npos) {
            std::string text = unread_.substr(0, found + marker.size());
            unread_.erase(0, text.size());
            return text;
        }
        if (!read_some()) {
            ADD_FAILURE() << "it ended before it printed '" << marker << "'; it printed: " << unread_;
            return std::exchange(unread_, {});
        }
    }
}

void OnTerminal::type(std::string_view keys) {
    EXPECT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

void OnTerminal::signal(int number) const {
    ::kill(pid_, number);
}

bool OnTerminal::echoes() const {
    termios settings{};
    ::tcgetattr(master_, &settings);
    return (settings.c_lflag & ECHO) != 0;
}

std::pair<std::string, int> OnTerminal::finish() {
    while (read_some()) {
    }
    finished_ = true;
    return {std::exchange(unread_, {}), wait_for(pid_)};
}

InPipe::InPipe(const std::vector<std::string>& arguments, const Environment& environment) {
    std::array<int, 2> out{};
    if (::pipe(out.data()) != 0) throw std::runtime_error("cannot make a pipe");
    const Command command{arguments, environment};
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(out[1], STDOUT_FILENO);
        ::close(out[0]);
        ::close(out[1]);
        command.become();
    }
    ::close(out[1]);
    out_ = out[0];
}

InPipe::~InPipe() {
    if (!finished_) {
        ::kill(pid_, SIGKILL);
        wait_for(pid_);
    }
    ::close(out_);
}

std::string InPipe::read_line() {
    while (unread_.find('\n') == std::string::npos) {
        if (!append_from(out_, unread_)) return std::exchange(unread_, {});
    }
    const auto end = unread_.find('\n');
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return line;
}

void InPipe::signal(int number) const {
    ::kill(pid_, number);
}

int InPipe::finish() {
    finished_ = true;
    return wait_for(pid_);
}

}  // namespace curfew::test
