#include "cli/editor.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "cli/file_descriptor.hpp"
#include "cli/private_directory.hpp"

namespace curfew::cli {
namespace {

constexpr std::size_t largest_text = 1'048'576;

std::string editor() {
    for (const char* name : {"VISUAL", "EDITOR"}) {
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
        if (value != nullptr && *value != '\0') return value;
    }
    return {};
}

// As a shell would: `EDITOR="code --wait"` is common.
int run_editor(const std::string& command, const std::string& path) {
    const std::string script = command + " \"$1\"";
    std::array<const char*, 6> arguments{"sh", "-c", script.c_str(), "sh", path.c_str(), nullptr};
    pid_t pid = -1;
    if (::posix_spawn(&pid, "/bin/sh", nullptr, nullptr, const_cast<char* const*>(arguments.data()),
                      environ) != 0) {
        return -1;
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Outcome<std::string> edit_text(const std::string& text, std::string_view name) {
    const auto command = editor();
    if (command.empty()) {
        return Failure{ExitCode::usage, "Say what to change by options, or name an editor in EDITOR"};
    }
    const auto directory = PrivateDirectory::make();
    if (!directory) return directory.error();
    std::string file_name{name};
    for (char& c : file_name) {
        if (c == '/') c = '_';
    }
    const auto path = directory->write(file_name, text);
    if (!path) return path.error();
    if (run_editor(command, path->string()) != 0) {
        return Failure{ExitCode::failed, "The editor ended with an error; nothing was changed"};
    }
    const FileDescriptor file{::open(path->c_str(), O_RDONLY | O_CLOEXEC)};
    auto edited = file.is_open() ? read_all(file, largest_text) : std::nullopt;
    if (!edited) return Failure{ExitCode::failed, "What the editor left cannot be read; nothing was changed"};
    return std::move(*edited);
}

}  // namespace curfew::cli
