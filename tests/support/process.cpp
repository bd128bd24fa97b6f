#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace curfew::test {
namespace {

[[noreturn]] void fail(const std::string& what, int error = errno) {
    throw std::system_error(error, std::generic_category(), what);
}

std::pair<FileDescriptor, FileDescriptor> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    return {FileDescriptor{ends[0]}, FileDescriptor{ends[1]}};
}

// A file in memory as standard input: the child reads it at its own pace and nobody has to feed it.
FileDescriptor input_file(const std::string& content) {
    FileDescriptor file{::memfd_create("stdin", MFD_CLOEXEC)};
    if (!file) fail("memfd_create");
    std::size_t written = 0;
    while (written < content.size()) {
        const ssize_t n = ::write(file.get(), content.data() + written, content.size() - written);
        if (n < 0) fail("write to memfd");
        written += static_cast<std::size_t>(n);
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& additions) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        if (!additions.contains(std::string{text.substr(0, text.find('='))})) result.emplace_back(text);
    }
    for (const auto& [name, value] : additions)
        result.push_back(std::string{name}.append("=").append(value));
    return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (std::string& text : strings)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// setpriv runs the command in its own process (exec), so the pid stays the command's. The death signal goes
// off when the thread that spawned dies: tests start processes from their main thread.
std::vector<std::string> wrapped(std::vector<std::string> arguments, const Process::Options& options) {
    std::vector<std::string> result{"setpriv", "--pdeathsig", options.death_signal};
    if (!options.user.empty()) {
        result.insert(result.end(), {"--reuid", options.user, "--regid", options.user, "--init-groups"});
    }
    result.emplace_back("--");
    result.insert(result.end(), arguments.begin(), arguments.end());
    return result;
}

class FileActions {
public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    void give(int ours, int theirs) {
        if (const int error = posix_spawn_file_actions_adddup2(&actions_, ours, theirs); error != 0)
            fail("posix_spawn_file_actions_adddup2", error);
    }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

}  // namespace

std::string to_string(const ExitStatus& status) {
    if (status.signal != 0) return "killed by SIG" + std::string{::sigabbrev_np(status.signal)};
    return "exit code " + std::to_string(status.code);
}

Process::Process(std::vector<std::string> arguments, Options options)
    : name_{arguments.at(0)},
      on_line_{std::move(options.on_line)},
      on_end_{std::move(options.on_end)},
      stop_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    auto [out_read, out_write] = make_pipe();
    auto [err_read, err_write] = make_pipe();
    const FileDescriptor input = input_file(options.input);

    FileActions actions;
    actions.give(input.get(), STDIN_FILENO);
    actions.give(out_write.get(), STDOUT_FILENO);
    actions.give(err_write.get(), STDERR_FILENO);
    for (const auto& [theirs, ours] : options.descriptors)
        actions.give(ours, theirs);

    std::vector<std::string> command = wrapped(std::move(arguments), options);
    std::vector<std::string> environment = environment_with(options.environment);
    if (const int error = posix_spawnp(&pid_, command[0].c_str(), actions.get(), nullptr,
                                       pointers(command).data(), pointers(environment).data());
        error != 0)
        fail("cannot start " + name_, error);
    // glibc 2.36 declares pidfd_open() for C only.
    pidfd_ = FileDescriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
    if (!pidfd_) fail("pidfd_open");
    stdout_.pipe = std::move(out_read);
    stderr_.pipe = std::move(err_read);
    reader_ = std::thread{[this] { read_outputs(); }};
}

Process::~Process() {
    if (running()) {
        ::kill(pid_, SIGKILL);
        wait_for(patience);
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(stop_.get(), &one, sizeof one);
    reader_.join();
}

void Process::signal(int number) const {
    if (!status_ && ::kill(pid_, number) != 0) fail("kill " + name_);
}

bool Process::running() {
    return !wait_for(std::chrono::milliseconds{0});
}

std::optional<ExitStatus> Process::wait_for(std::chrono::milliseconds timeout) {
    if (status_) return status_;
    const Instant deadline = now() + timeout;
    pollfd ended{pidfd_.get(), POLLIN, 0};
    int ready = 0;
    do {
        ready = ::poll(&ended, 1, poll_timeout(deadline));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) return std::nullopt;
    siginfo_t info{};
    if (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0) fail("waitid " + name_);
    status_ = info.si_code == CLD_EXITED ? ExitStatus{info.si_status, 0} : ExitStatus{0, info.si_status};

    // What it wrote last may still be in the pipes; a grandchild that holds them must not hold us up.
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::chrono::seconds{1}, [this] { return !stdout_.open && !stderr_.open; });
    return status_;
}

ExitStatus Process::wait(std::chrono::milliseconds timeout) {
    if (const auto status = wait_for(timeout)) return *status;
    throw std::runtime_error(name_ + " still runs after " + std::to_string(timeout.count()) +
                             " ms. Its output:\n" + output(Stream::out) + output(Stream::err));
}

std::optional<std::string> Process::wait_for_line(Stream stream, std::string_view text,
                                                  std::chrono::milliseconds timeout) {
    std::optional<std::string> line;
    std::size_t searched = 0;
    const auto found = [&] {
        const std::string& all = out(stream).text;
        for (std::size_t end = 0; (end = all.find('\n', searched)) != std::string::npos; searched = end + 1) {
            const std::string candidate = all.substr(searched, end - searched);
            if (candidate.find(text) == std::string::npos) continue;
            line = candidate;
            return true;
        }
        return !out(stream).open;
    };
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, timeout, found);
    return line;
}

std::string Process::output(Stream stream) const {
    const std::lock_guard lock{mutex_};
    return out(stream).text;
}

void Process::read_outputs() {
    bool out_open = true;
    bool err_open = true;
    while (out_open || err_open) {
        // poll(2) passes over negative descriptors.
        std::array<pollfd, 3> watched{{{out_open ? stdout_.pipe.get() : -1, POLLIN, 0},
                                       {err_open ? stderr_.pipe.get() : -1, POLLIN, 0},
                                       {stop_.get(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
        if (watched[0].revents != 0) out_open = read_once(Stream::out);
        if (watched[1].revents != 0) err_open = read_once(Stream::err);
        if (watched[2].revents != 0) return;
    }
    if (on_end_) on_end_();
}

// One read(2). False at the end of the stream.
bool Process::read_once(Stream stream) {
    std::array<char, 65536> buffer{};
    const ssize_t n = ::read(out(stream).pipe.get(), buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    std::vector<std::string> lines;
    {
        const std::lock_guard lock{mutex_};
        Output& output = out(stream);
        if (n <= 0) {
            output.open = false;
        } else {
            output.text.append(buffer.data(), static_cast<std::size_t>(n));
        }
        for (std::size_t end = 0; (end = output.text.find('\n', output.delivered)) != std::string::npos;
             output.delivered = end + 1)
            lines.push_back(output.text.substr(output.delivered, end - output.delivered));
    }
    if (on_line_) {
        for (const std::string& line : lines)
            on_line_(stream, line);
    }
    changed_.notify_all();
    return n > 0;
}

CommandResult run(std::vector<std::string> arguments, Process::Options options,
                  std::chrono::milliseconds timeout) {
    Process process{std::move(arguments), std::move(options)};
    const ExitStatus status = process.wait(timeout);
    return {status, process.output(Process::Stream::out), process.output(Process::Stream::err)};
}

}  // namespace curfew::test
