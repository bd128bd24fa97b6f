#include "config/load.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "config/document.hpp"
#include "config/reader.hpp"
#include "config/sections.hpp"

namespace curfew::config {
namespace {

LoadResult load(std::string_view text, const std::string& file_name, std::string directory,
                const Environment& environment) {
    auto document = parse_document(text);
    if (auto* problem = std::get_if<Problem>(&document)) {
        problem->file = file_name;
        return std::vector{std::move(*problem)};
    }
    const DocumentNode root = std::get<DocumentNode>(std::move(document));
    Context context{environment, std::move(directory), Report{file_name}};
    const Section top{Value{context, root, {}, Place{1, 1}}, known::top_level};
    Config config;
    if (top.readable()) {
        read_listeners(top, config);
        read_resources(top, config);
        read_people(top, config);
        read_settings(top, config);
        check_clashes(config, context.report);
    }
    if (!context.report.empty()) return context.report.take();
    return config;
}

}  // namespace

LoadResult load_file(const std::string& path, const Environment& environment) {
    const auto file = environment.read_file(path, largest_file);
    if (!file) return std::vector{Problem{path, 0, 0, {}, "cannot be read: " + file.error().message}};
    // Absolute, so that a later change of the working directory moves none of the files named in it.
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    if (error) return std::vector{Problem{path, 0, 0, {}, "has no absolute path: " + error.message()}};
    return load(file->content.reveal(), path, absolute.parent_path().string(), environment);
}

LoadResult load_text(std::string_view text, const std::string& file_name, const Environment& environment) {
    return load(text, file_name, std::filesystem::path{file_name}.parent_path().string(), environment);
}

}  // namespace curfew::config
