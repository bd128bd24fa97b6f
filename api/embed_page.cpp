// A tool of the build: embed_page CPP PATHS [FOLDER] writes the source file that page_files.hpp declares,
// with the paths that the JSON file PATHS lists and what `vite build` made in FOLDER; without a FOLDER there
// is no page.
#include <zlib.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/sha256.hpp"

namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return text.str();
}

std::string content_type_of(const fs::path& path) {
    const auto extension = path.extension();
    if (extension == ".html") return "text/html; charset=utf-8";
    if (extension == ".js") return "text/javascript; charset=utf-8";
    if (extension == ".css") return "text/css; charset=utf-8";
    if (extension == ".svg") return "image/svg+xml";
    throw std::runtime_error("no content type is known for " + path.string());
}

// As RFC 1952 has it, as small as zlib makes it, and the same each time: without a name or a time.
std::string gzip(const std::string& content) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib does not begin");
    std::string packed(deflateBound(&stream, content.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int outcome = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (outcome != Z_STREAM_END) throw std::runtime_error("zlib did not end");
    return packed.size() < content.size() ? packed : std::string{};
}

void write_bytes(std::ostream& out, const std::string& name, const std::string& bytes) {
    // One more byte: an array cannot be empty.
    out << "constexpr unsigned char " << name << "[] = {";
    for (std::size_t i = 0; i < bytes.size(); ++i)
        out << (i % 24 == 0 ? "\n    " : "") << static_cast<unsigned>(static_cast<unsigned char>(bytes[i]))
            << ',';
    out << "0};\n";
}

std::string view_of(const std::string& name) {
    return "view_of(" + name + ", sizeof " + name + " - 1)";
}

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// The files' bytes, and then the list of them.
void write_files(std::ostream& out, const fs::path& folder) {
    std::ostringstream list;
    std::size_t count = 0;
    for (const auto& path : files_in(folder)) {
        const auto content = read_file(path);
        const auto number = std::to_string(count++);
        write_bytes(out, "content_" + number, content);
        write_bytes(out, "gzip_" + number, gzip(content));
        const auto etag = curfew::to_hex(curfew::sha256(content)).substr(0, 32);
        list << "    {\"/" << fs::relative(path, folder).generic_string() << "\", \"" << content_type_of(path)
             << R"(", "W/\")" << etag << R"(\"", )" << view_of("content_" + number) << ", "
             << view_of("gzip_" + number) << "},\n";
    }
    out << "\nconst PageFile files[] = {\n" << list.str() << "};\n";
}

void write_paths(std::ostream& out, const fs::path& source) {
    out << "\nconstexpr std::string_view paths[] = {\n";
    const auto listed = boost::json::parse(read_file(source));
    for (const auto& path : listed.as_array())
        out << "    R\"(" << std::string_view{path.as_string()} << ")\",\n";
    out << "};\n";
}

void embed(const fs::path& target, const fs::path& paths, const fs::path& folder) {
    std::ofstream out{target};
    out << "#include \"api/page_files.hpp\"\n\nnamespace curfew::api {\nnamespace {\n\n";
    if (!folder.empty()) {
        out << "std::string_view view_of(const unsigned char* bytes, std::size_t size) {\n"
               "    return {reinterpret_cast<const char*>(bytes), size};\n}\n\n";
        write_files(out, folder);
    }
    write_paths(out, paths);
    out << "\n}  // namespace\n\nstd::span<const PageFile> page_files() {\n    return "
        << (folder.empty() ? "{}" : "files")
        << ";\n}\n\nstd::span<const std::string_view> page_paths() {\n    return paths;\n}\n\n"
           "}  // namespace curfew::api\n";
    if (!out.flush()) throw std::runtime_error("cannot write " + target.string());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3 && argc != 4) throw std::runtime_error("usage: embed_page CPP PATHS [FOLDER]");
        embed(argv[1], argv[2], argc == 4 ? argv[3] : "");
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "embed_page: " << failure.what() << '\n';
        return 1;
    }
}
