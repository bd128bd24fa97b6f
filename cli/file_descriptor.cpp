#include "cli/file_descriptor.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace curfew::cli {

void FileDescriptor::close() noexcept {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::optional<std::string> read_all(const FileDescriptor& file, std::size_t at_most) {
    std::string text;
    std::array<char, 16'384> buffer{};
    while (true) {
        const auto length = ::read(file.get(), buffer.data(), buffer.size());
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return std::nullopt;
        if (length == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(length));
        if (text.size() > at_most) return std::nullopt;
    }
}

bool write_all(const FileDescriptor& file, std::string_view text) {
    while (!text.empty()) {
        const auto length = ::write(file.get(), text.data(), text.size());
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return true;
}

}  // namespace curfew::cli
