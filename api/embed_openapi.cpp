// A tool of the build: embed_openapi YAML CPP writes the source file that openapi_document.hpp declares, with
// the document as it is and as JSON.
#include <yaml-cpp/yaml.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

namespace json = boost::json;

// YAML's core schema, as far as the document uses it. What is quoted is text, whatever it looks like.
json::value scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return json::value(text);
    if (text == "true") return true;
    if (text == "false") return false;
    if (text == "null" || text == "~" || text.empty()) return nullptr;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
    return json::value(text);
}

json::value convert(const YAML::Node& node) {
    switch (node.Type()) {
        case YAML::NodeType::Map: {
            json::object object;
            for (const auto& member : node)
                object[member.first.Scalar()] = convert(member.second);
            return object;
        }
        case YAML::NodeType::Sequence: {
            json::array array;
            for (const auto& item : node)
                array.push_back(convert(item));
            return array;
        }
        case YAML::NodeType::Scalar:
            return scalar(node);
        default:
            return nullptr;
    }
}

void write_text(std::ostream& out, const char* name, const std::string& text) {
    out << "constexpr unsigned char " << name << "[] = {";
    for (std::size_t i = 0; i < text.size(); ++i)
        out << (i % 24 == 0 ? "\n    " : "") << static_cast<unsigned>(static_cast<unsigned char>(text[i]))
            << ',';
    out << "\n};\n";
}

void write_function(std::ostream& out, const char* function, const char* name) {
    out << "std::string_view " << function << "() {\n    return {reinterpret_cast<const char*>(" << name
        << "), sizeof " << name << "};\n}\n";
}

void embed(const char* source, const char* target) {
    std::ifstream in{source};
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw std::runtime_error(std::string{"cannot read "} + source);
    std::ofstream out{target};
    out << "#include \"api/openapi_document.hpp\"\n\nnamespace curfew::api {\nnamespace {\n\n";
    write_text(out, "yaml_text", text.str());
    write_text(out, "json_text", json::serialize(convert(YAML::Load(text.str()))) + "\n");
    out << "\n}  // namespace\n\n";
    write_function(out, "openapi_yaml", "yaml_text");
    write_function(out, "openapi_json", "json_text");
    out << "\n}  // namespace curfew::api\n";
    if (!out.flush()) throw std::runtime_error(std::string{"cannot write "} + target);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3) throw std::runtime_error("usage: embed_openapi YAML CPP");
        embed(argv[1], argv[2]);
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "embed_openapi: " << failure.what() << '\n';
        return 1;
    }
}
