#include "cli/offline_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "cli/file_descriptor.hpp"

namespace curfew::cli {
namespace {

constexpr std::size_t largest_key_file = 16 * 1024;
constexpr std::string_view token_begin = "curfew-offline-";

std::string why() {
    return std::error_code{errno, std::generic_category()}.message();
}

Failure cannot(std::string_view what, const std::string& path, ExitCode code = ExitCode::failed) {
    return {code, fmt::format("Cannot {} '{}': {}", what, printable(path), why())};
}

Outcome<void> write_whole(const FileDescriptor& file, const std::string& path, std::string_view content) {
    if (!write_all(file, content) || ::fsync(file.get()) != 0) return cannot("write", path);
    return {};
}

}  // namespace

Outcome<std::string> read_document_text(const std::string& source) {
    if (source.starts_with(token_begin)) return source;
    const int descriptor = source == "-" ? ::dup(STDIN_FILENO) : ::open(source.c_str(), O_RDONLY | O_CLOEXEC);
    const FileDescriptor file{descriptor};
    if (!file.is_open()) return cannot("read", source, ExitCode::usage);
    errno = 0;
    auto text = read_all(file, policy::longest_offline_document);
    if (text) return std::move(*text);
    if (errno != 0) return cannot("read", source, ExitCode::usage);
    return Failure{ExitCode::usage, fmt::format("'{}' is larger than any offline grant: {} bytes at most",
                                                printable(source), policy::longest_offline_document)};
}

Outcome<policy::OfflineDocument> read_document(const std::string& source) {
    const auto text = read_document_text(source);
    if (!text) return text.error();
    auto document = policy::parse_offline_document(*text);
    if (document) return std::move(*document);
    return Failure{ExitCode::usage,
                   fmt::format("'{}': {}", printable(source, 100), document.error().message)};
}

Outcome<void> replace_file(const std::string& path, std::string_view content) {
    std::string beside = path + ".XXXXXX";
    const FileDescriptor file{::mkostemp(beside.data(), O_CLOEXEC)};
    if (!file.is_open()) return cannot("write beside", path);
    struct stat before {};
    if (::stat(path.c_str(), &before) == 0) (void)::fchmod(file.get(), before.st_mode & 07777);
    auto written = write_whole(file, beside, content);
    if (written && std::rename(beside.c_str(), path.c_str()) != 0) written = cannot("replace", path);
    if (!written) ::unlink(beside.c_str());
    return written;
}

Outcome<void> write_new_file(const std::string& path, std::string_view content, unsigned mode) {
    const FileDescriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
    if (!file.is_open() && errno == EEXIST) {
        return Failure{
            ExitCode::conflict,
            fmt::format("'{}' is there already, and stays as it is; choose another name", printable(path))};
    }
    if (!file.is_open()) return cannot("make", path);
    auto written = write_whole(file, path, content);
    if (!written) ::unlink(path.c_str());
    return written;
}

Outcome<Ed25519Key> read_private_key(const std::string& path) {
    const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat status {};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0) return cannot("read", path, ExitCode::usage);
    if ((status.st_mode & 077) != 0) {
        return Failure{
            ExitCode::usage,
            fmt::format("'{}' can be read by others; a private key is its owner's alone: chmod 600, "
                        "and have it replaced if anybody may have read it",
                        printable(path))};
    }
    auto text = read_all(file, largest_key_file);
    if (!text) return cannot("read", path, ExitCode::usage);
    auto key = Ed25519Key::from_pem(Secret{std::move(*text)});
    if (key) return std::move(*key);
    return Failure{ExitCode::usage, fmt::format("'{}': {}", printable(path), key.error().message)};
}

}  // namespace curfew::cli
