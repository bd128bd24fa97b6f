#include "cli_person.hpp"

#include <boost/json/parse.hpp>
#include <stdexcept>

#include "support/postgres_cluster.hpp"

namespace curfew::test {

namespace {

namespace json = boost::json;

}  // namespace

Environment Person::environment(Environment more) const {
    const auto programs = PostgresCluster::program("psql").parent_path().string();
    more.emplace("PATH", programs + ":/usr/bin:/bin");
    more.emplace("HOME", home_.path());
    more.emplace("XDG_CONFIG_HOME", home_.path());
    more.emplace("XDG_RUNTIME_DIR", home_.path());
    more.emplace("PAGER", "cat");
    return more;
}

Finished Person::curfew(const std::vector<std::string>& arguments, std::string_view input) const {
    return run_curfew(arguments, input, environment());
}

std::string Person::does(const std::vector<std::string>& arguments, std::string_view input) const {
    const auto done = curfew(arguments, input);
    if (done.exit_code != 0) {
        std::string command = "curfew";
        for (const auto& argument : arguments)
            command += ' ' + argument;
        throw std::runtime_error(name_ + ": " + command + ": " + std::to_string(done.exit_code) + ": " +
                                 done.err);
    }
    return done.out;
}

json::value Person::asks(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    return json::parse(does(arguments));
}

}  // namespace curfew::test
