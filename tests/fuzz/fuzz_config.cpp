// Any bytes as a configuration file and as a live object: a Config, an object or problems, never an
// exception, a crash or a hang.
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/load.hpp"
#include "config/objects.hpp"

namespace {

using namespace curfew;

// Every file exists and holds the input itself, so that certificates, keys and secrets are parsed as well.
class FuzzedEnvironment final : public config::Environment {
public:
    explicit FuzzedEnvironment(std::string_view content) : content_{content} {}

    Result<config::File> read_file(const std::string& path, std::size_t limit) const override {
        if (path.find("missing") != std::string::npos)
            return Error{ErrorCode::not_found, "it does not exist"};
        return config::File{Secret{std::string{content_.substr(0, limit)}}, 0600};
    }
    std::optional<std::string> variable(const std::string& name) const override {
        if (name == "CREDENTIALS_DIRECTORY") return "/run/credentials/curfewd.service";
        if (name == "REVIEW_TIMEOUT_SEC") return std::nullopt;
        return name.size() % 2 == 0 ? std::optional<std::string>{content_} : std::nullopt;
    }

private:
    std::string_view content_;
};

void require(bool condition) {
    if (!condition) std::abort();
}

std::vector<config::Object> all_objects(const config::Config& config) {
    std::vector<config::Object> objects;
    for (const auto& [name, user] : config.users)
        objects.emplace_back(user);
    for (const auto& [name, members] : config.groups)
        objects.emplace_back(config::Group{name, members});
    for (const auto& [name, resource] : config.resources)
        objects.emplace_back(resource);
    for (const auto& rule : config.rules)
        objects.emplace_back(rule);
    return objects;
}

// What is exported declares the same again, but for what the rest of the file had a part in.
void require_round_trip(const config::Config& config, std::string_view input) {
    const auto objects = all_objects(config);
    const std::string head = std::string{"listeners: [{ address: /run/fuzz.sock }]\nstore: { path: /s }\n"} +
                             "accept_unlisted_users: " + (config.accept_unlisted_users ? "true" : "false") +
                             "\n";
    const auto again = config::load_text(head + config::to_yaml(objects), "/etc/curfew/curfew.yaml",
                                         FuzzedEnvironment{input});
    if (const auto* problems = std::get_if<std::vector<config::Problem>>(&again)) {
        for (const auto& problem : *problems) {
            require(problem.message.find("nobody can show a certificate") != std::string::npos ||
                    problem.message.find("no request could be approved") != std::string::npos ||
                    problem.message.find("is larger than") != std::string::npos);
        }
        return;
    }
    for (const auto& object : objects) {
        const auto read_back = config::find_object(std::get<config::Config>(again), config::name_of(object));
        require(read_back && config::to_json(*read_back) == config::to_json(object));
    }
}

// As an object that somebody makes live: it names no file outside its directory, and is read back as the
// same.
void read_as_live_objects(std::string_view text) {
    const config::Live live{"/live"};
    const FuzzedEnvironment environment{text};
    for (const auto kind : {config::ObjectKind::user, config::ObjectKind::group, config::ObjectKind::resource,
                            config::ObjectKind::rule}) {
        const config::ObjectName name{kind, "x"};
        const auto result = config::read_live_object(name, text, live, environment);
        const auto* object = std::get_if<config::Object>(&result);
        if (object == nullptr) continue;
        const auto json = config::to_json(*object);
        const auto again = config::read_live_object(name, boost::json::serialize(json), live, environment);
        require(std::holds_alternative<config::Object>(again) &&
                config::to_json(std::get<config::Object>(again)) == json);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    read_as_live_objects(text);
    const auto result = config::load_text(text, "/etc/curfew/curfew.yaml", FuzzedEnvironment{text});
    if (const auto* loaded = std::get_if<config::Config>(&result)) {
        require(!loaded->listeners.empty() && !loaded->store.path.empty());
        require_round_trip(*loaded, text);
        return 0;
    }
    const auto& problems = std::get<std::vector<config::Problem>>(result);
    require(!problems.empty());
    for (const auto& problem : problems) {
        // One line each, that no terminal takes for more than text.
        require(config::to_string(problem).find_first_of("\n\r\x1b") == std::string::npos);
    }
    return 0;
}
