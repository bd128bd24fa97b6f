#include "audit/signing_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/log.hpp"

namespace curfew::audit {
namespace {

// Longer than any PEM of an Ed25519 key.
constexpr std::size_t longest_key_file = 4096;

class FileHandle {
public:
    explicit FileHandle(int descriptor) : descriptor_{descriptor} {}
    ~FileHandle() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;
    int get() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

Error about_key_file(ErrorCode code, const std::string& file, const std::string& what) {
    return {code, "The signing key " + file + " " + what};
}

Result<SigningKey> read_key(int descriptor, const std::string& file) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
        return about_key_file(ErrorCode::unavailable, file,
                              std::string{"cannot be looked at: "} + std::strerror(errno));
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return about_key_file(ErrorCode::invalid, file,
                              "may be read by others than its owner; give it mode 0600 (chmod 600)");
    std::string pem(longest_key_file, '\0');
    std::size_t have = 0;
    for (;;) {
        const ssize_t got = ::read(descriptor, pem.data() + have, pem.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return about_key_file(ErrorCode::unavailable, file,
                                  std::string{"cannot be read: "} + std::strerror(errno));
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
        if (have == pem.size()) return about_key_file(ErrorCode::invalid, file, "is too long to be a key");
    }
    pem.resize(have);
    auto key = Ed25519Key::from_pem(Secret{std::move(pem)});
    if (!key)
        return about_key_file(ErrorCode::invalid, file,
                              "is no Ed25519 key in PEM; `openssl genpkey -algorithm ed25519` makes one");
    return SigningKey{std::move(*key)};
}

// False: somebody else has made it in between.
Result<bool> write_new_key(const std::string& file) {
    const FileHandle handle{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (handle.get() < 0) {
        if (errno == EEXIST) return false;
        return about_key_file(ErrorCode::unavailable, file,
                              std::string{"is not there and cannot be made: "} + std::strerror(errno));
    }
    const Secret pem = Ed25519Key::generate().to_pem();
    std::string_view left = pem.reveal();
    while (!left.empty()) {
        const ssize_t written = ::write(handle.get(), left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 || (written == 0 && !left.empty())) {
            const int why = errno;
            ::unlink(file.c_str());
            return about_key_file(ErrorCode::unavailable, file,
                                  std::string{"cannot be written: "} + std::strerror(why));
        }
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(handle.get()) != 0) {
        const int why = errno;
        ::unlink(file.c_str());
        return about_key_file(ErrorCode::unavailable, file,
                              std::string{"cannot be written: "} + std::strerror(why));
    }
    return true;
}

}  // namespace

Result<SigningKey> SigningKey::open(const std::string& file) {
    for (bool made = false;; made = true) {
        const FileHandle handle{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
        if (handle.get() >= 0) return read_key(handle.get(), file);
        if (errno != ENOENT || made)
            return about_key_file(ErrorCode::unavailable, file,
                                  std::string{"cannot be opened: "} + std::strerror(errno));
        const auto written = write_new_key(file);
        if (!written) return written.error();
        if (*written) log::info("audit.key_made", {{"file", file}});
    }
}

}  // namespace curfew::audit
