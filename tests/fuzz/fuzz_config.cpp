// Any bytes as a configuration file: a Config or problems, never an exception, a crash or a hang.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/load.hpp"

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
        return name.size() % 2 == 0 ? std::optional<std::string>{content_} : std::nullopt;
    }

private:
    std::string_view content_;
};

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto result = config::load_text(text, "/etc/curfew/curfew.yaml", FuzzedEnvironment{text});
    if (const auto* loaded = std::get_if<config::Config>(&result)) {
        require(!loaded->listeners.empty() && !loaded->resources.empty() && !loaded->store.path.empty());
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
