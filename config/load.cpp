#include "config/load.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "config/document.hpp"
#include "config/merge.hpp"
#include "config/reader.hpp"
#include "config/rule_checks.hpp"
#include "config/sections.hpp"

namespace curfew::config {
namespace {

// Whether the names that rules have for groups and resources must stand in the same file.
enum class Names { of_this_file, of_any };

void check_rules(const Config& config, Names names, Report& report) {
    const auto add = [&](const policy::Rule& rule, const RuleProblem& problem) {
        report.add(fmt::format("rules.{}.{}", rule.name, problem.key), problem.message);
    };
    for (const auto& rule : config.rules) {
        if (names == Names::of_this_file) {
            for (const auto& problem : missing_names(rule, config))
                add(rule, problem);
        }
        if (const auto problem = too_few_reviewers(rule, config)) add(rule, *problem);
    }
}

DeclaredResult load(std::string_view text, const std::string& file_name, std::string directory, Names names,
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
        read_rules(top, config);
        read_access(top, config);
        read_offline_grants(top, config);
        read_notifiers(top, config);
        read_audit(top, config);
        read_settings(top, config);
        read_recordings(top, config);
        check_clashes(config, context.report);
        check_rules(config, names, context.report);
    }
    if (!context.report.empty()) return context.report.take();
    return Declared{std::move(config), std::move(context.report)};
}

LoadResult alone(DeclaredResult result) {
    if (auto* declared = std::get_if<Declared>(&result)) return merge(*declared, {});
    return std::get<std::vector<Problem>>(std::move(result));
}

DeclaredResult load_from(const std::string& path, Names names, const Environment& environment) {
    const auto file = environment.read_file(path, largest_file);
    if (!file) return std::vector{Problem{path, 0, 0, {}, "cannot be read: " + file.error().message}};
    // Absolute, so that a later change of the working directory moves none of the files named in it.
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    if (error) return std::vector{Problem{path, 0, 0, {}, "has no absolute path: " + error.message()}};
    return load(file->content.reveal(), path, absolute.parent_path().string(), names, environment);
}

std::string directory_of(const std::string& file_name) {
    return std::filesystem::path{file_name}.parent_path().string();
}

}  // namespace

LoadResult load_file(const std::string& path, const Environment& environment) {
    return alone(load_from(path, Names::of_this_file, environment));
}

LoadResult load_text(std::string_view text, const std::string& file_name, const Environment& environment) {
    return alone(load(text, file_name, directory_of(file_name), Names::of_this_file, environment));
}

DeclaredResult load_declared(const std::string& path, const Environment& environment) {
    return load_from(path, Names::of_any, environment);
}

DeclaredResult load_declared_text(std::string_view text, const std::string& file_name,
                                  const Environment& environment) {
    return load(text, file_name, directory_of(file_name), Names::of_any, environment);
}

}  // namespace curfew::config
