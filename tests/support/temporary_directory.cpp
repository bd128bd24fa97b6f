#include "support/temporary_directory.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>

namespace curfew::test {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory(std::string_view prefix) {
    std::string name = "/tmp/" + std::string{prefix} + "-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code error;
    fs::remove_all(path_, error);
    if (error) std::cerr << "cannot remove " << path_ << ": " << error.message() << '\n';
}

fs::path TemporaryDirectory::write(std::string_view name, std::string_view content) const {
    fs::path file = path_ / name;
    std::ofstream stream{file, std::ios::binary | std::ios::trunc};
    stream << content;
    stream.close();
    if (!stream) throw std::runtime_error("cannot write " + file.string());
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return file;
}

}  // namespace curfew::test
