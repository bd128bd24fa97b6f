// A child process: its output line by line, its end, and the certainty that it does not outlive the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/file_descriptor.hpp"
#include "support/timing.hpp"

namespace curfew::test {

// How a process ended.
struct ExitStatus {
    int code = 0;    // meaningful where signal is 0
    int signal = 0;  // that killed it

    bool success() const noexcept { return code == 0 && signal == 0; }
};
std::string to_string(const ExitStatus& status);

class Process {
public:
    enum class Stream { out, err };

    struct Options {
        std::map<std::string, std::string> environment;           // added to this process's own
        std::string input;                                        // all of its standard input
        std::string user;                                         // run as (needs root); empty: as ourselves
        std::map<int, int> descriptors;                           // number in the child -> descriptor of ours
        std::string death_signal = "KILL";                        // what it gets when the test program dies
        std::function<void(Stream, const std::string&)> on_line;  // called on the reading thread
        std::function<void()> on_end;                             // there: both streams have ended
    };

    // Starts `arguments[0]`, looked up in PATH. Throws if it cannot be started.
    explicit Process(std::vector<std::string> arguments) : Process(std::move(arguments), Options{}) {}
    Process(std::vector<std::string> arguments, Options options);
    // Kills the process if it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const noexcept { return pid_; }
    void signal(int number) const;
    bool running();

    // nullopt if it still runs after `timeout`.
    std::optional<ExitStatus> wait_for(std::chrono::milliseconds timeout);
    // Throws, with its output, if it still runs after `timeout`.
    ExitStatus wait(std::chrono::milliseconds timeout = patience);

    // The first line on `stream`, past or to come, that holds `text`; nullopt if none came in time or the
    // stream ended.
    std::optional<std::string> wait_for_line(Stream stream, std::string_view text,
                                             std::chrono::milliseconds timeout = patience);
    // Everything written so far; after wait(), everything.
    std::string output(Stream stream) const;

private:
    struct Output {
        FileDescriptor pipe;
        std::string text;
        std::size_t delivered = 0;  // of `text`, as whole lines, to on_line
        bool open = true;
    };

    void read_outputs();
    bool read_once(Stream stream);
    Output& out(Stream stream) { return stream == Stream::out ? stdout_ : stderr_; }
    const Output& out(Stream stream) const { return stream == Stream::out ? stdout_ : stderr_; }

    std::string name_;
    std::function<void(Stream, const std::string&)> on_line_;
    std::function<void()> on_end_;
    pid_t pid_ = -1;
    FileDescriptor pidfd_;
    std::optional<ExitStatus> status_;
    FileDescriptor stop_;  // an eventfd: the reader ends though a grandchild holds the pipe

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Output stdout_;
    Output stderr_;
    std::thread reader_;
};

// What a finished command left behind.
struct CommandResult {
    ExitStatus status;
    std::string out;
    std::string err;
};

// Runs a command to its end.
CommandResult run(std::vector<std::string> arguments, Process::Options options = {},
                  std::chrono::milliseconds timeout = patience * 3);

}  // namespace curfew::test
