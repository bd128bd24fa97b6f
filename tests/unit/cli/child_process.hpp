// The real `curfew` command, run as a person or a script would run it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::test {

struct Finished {
    int exit_code = -1;  // -1: ended by a signal
    std::string out;
    std::string err;
};

using Environment = std::map<std::string, std::string>;

// Runs it to its end with pipes for standard input and output. The zone is UTC unless `environment` says
// else.
Finished run_curfew(const std::vector<std::string>& arguments, std::string_view input = "",
                    const Environment& environment = {});

// Runs it on a terminal of 100 x 30 characters. Every wait is bounded.
class OnTerminal {
public:
    explicit OnTerminal(const std::vector<std::string>& arguments, const Environment& environment = {});
    ~OnTerminal();
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;

    // What was printed up to and with `marker`. Fails the test where it does not come.
    std::string read_until(std::string_view marker);
    void type(std::string_view keys);
    void signal(int number) const;
    bool echoes() const;
    // What was still printed, and the exit code (-1: ended by a signal).
    std::pair<std::string, int> finish();

private:
    bool read_some();

    pid_t pid_ = -1;
    int master_ = -1;
    std::string unread_;
    bool finished_ = false;
};

// Runs it with its output in a pipe, and reads along.
class InPipe {
public:
    explicit InPipe(const std::vector<std::string>& arguments, const Environment& environment = {});
    ~InPipe();
    InPipe(const InPipe&) = delete;
    InPipe& operator=(const InPipe&) = delete;

    std::string read_line();
    void signal(int number) const;
    int finish();

private:
    pid_t pid_ = -1;
    int out_ = -1;
    std::string unread_;
    bool finished_ = false;
};

}  // namespace curfew::test
