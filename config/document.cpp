#include "config/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "base/text.hpp"
#include "config/utf8.hpp"

namespace curfew::config {
namespace {

// Leaves the parser from within one of its callbacks; never seen outside this file.
struct Stop {
    Place place;
    std::string message;
};

Place place_of(const YAML::Mark& mark) {
    return mark.is_null() ? Place{1, 1} : Place{mark.line + 1, mark.column + 1};
}

std::size_t values_in(const DocumentNode& node) {
    std::size_t count = 1;
    for (const auto& item : node.items)
        count += values_in(item);
    for (const auto& entry : node.entries)
        count += values_in(entry.value);
    return count;
}

// True if the quoted text that begins at `start` has its closing quote. yaml-cpp takes the end of the file
// for one, so that a file cut short would pass.
bool quote_is_closed(std::string_view text, std::size_t start) {
    const char quote = text[start];
    for (std::size_t i = start + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            return true;
        }
    }
    return false;
}

// Builds the tree from yaml-cpp's events.
class Builder final : public YAML::EventHandler {
public:
    explicit Builder(std::string_view text) : text_{text} {}

    DocumentNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) throw Stop{place_of(mark), "a second document begins here; there must be one"};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        DocumentNode node;
        node.place = place_of(mark);
        add(std::move(node), anchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_tag(mark, tag);
        DocumentNode node;
        node.kind = DocumentNode::Kind::text;
        node.place = place_of(mark);
        node.text = value;
        node.quoted = tag == "!";
        const auto start = static_cast<std::size_t>(mark.pos);
        if (node.quoted && start < text_.size() && (text_[start] == '"' || text_[start] == '\'') &&
            !quote_is_closed(text_, start)) {
            throw Stop{node.place, "the quoted text that begins here never ends"};
        }
        add(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto target = anchors_.find(anchor);
        if (target == anchors_.end()) throw Stop{place_of(mark), "this alias stands inside what it names"};
        DocumentNode copy = target->second;
        count(place_of(mark), values_in(copy) - 1);
        add(std::move(copy), 0);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        refuse_tag(mark, tag);
        open(DocumentNode::Kind::list, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        refuse_tag(mark, tag);
        open(DocumentNode::Kind::map, mark, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        DocumentNode node;
        YAML::anchor_t anchor;
        std::optional<DocumentNode> key;  // of a map, once it is read and its value is not
    };

    // yaml-cpp names plain text "?" and quoted text "!"; everything else was written by hand.
    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!") {
            throw Stop{place_of(mark), "tags (!…) are not used in this file; remove it"};
        }
    }

    void open(DocumentNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (open_.size() >= static_cast<std::size_t>(deepest_nesting)) {
            throw Stop{place_of(mark), fmt::format("nested more than {} levels deep", deepest_nesting)};
        }
        DocumentNode node;
        node.kind = kind;
        node.place = place_of(mark);
        open_.push_back({std::move(node), anchor, {}});
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    void count(Place place, std::size_t more) {
        values_ += more;
        if (values_ > most_values) {
            throw Stop{place, fmt::format("holds more than {} values, aliases included", most_values)};
        }
    }

    void add(DocumentNode node, YAML::anchor_t anchor) {
        count(node.place, 1);
        if (anchor != 0) {
            count(node.place, values_in(node));
            anchors_[anchor] = node;
        }
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == DocumentNode::Kind::list) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            if (node.kind != DocumentNode::Kind::text) throw Stop{node.place, "a key must be text"};
            parent.key = std::move(node);
        } else {
            parent.node.entries.push_back({std::move(parent.key->text), parent.key->place, std::move(node)});
            parent.key.reset();
        }
    }

    std::string_view text_;
    int documents_ = 0;
    std::size_t values_ = 0;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, DocumentNode> anchors_;
    DocumentNode root_;
};

Problem problem_at(Place place, std::string message) {
    return {{}, place.line, place.column, {}, std::move(message)};
}

// What yaml-cpp would replace (broken UTF-8), take for the end of the file (U+0004), or read otherwise than
// an editor shows it (a carriage return alone).
std::optional<Problem> refuse_unreadable_bytes(std::string_view text) {
    Place place{1, 1};
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0) return problem_at(place, fmt::format("byte 0x{:02x} is not UTF-8", byte));
        const bool blank = byte == '\n' || byte == '\t' || text.starts_with("\r\n");
        if ((byte < 0x20 && !blank) || byte == 0x7F) {
            return problem_at(place, fmt::format("control character 0x{:02x}", byte));
        }
        place = byte == '\n' ? Place{place.line + 1, 1}
                             : Place{place.line, place.column + static_cast<int>(length)};
        text.remove_prefix(length);
    }
    return std::nullopt;
}

}  // namespace

std::variant<DocumentNode, Problem> parse_document(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.size() > largest_file) {
        return problem_at({}, fmt::format("is larger than {} bytes", largest_file));
    }
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (auto problem = refuse_unreadable_bytes(text)) return *problem;
    try {
        std::istringstream stream{std::string{text}};
        YAML::Parser parser{stream};
        Builder builder{text};
        while (parser.HandleNextDocument(builder)) {
        }
        return builder.take();
    } catch (const Stop& stop) {
        return problem_at(stop.place, stop.message);
    } catch (const YAML::Exception& error) {
        return problem_at(place_of(error.mark), "not valid YAML: " + printable(error.msg));
    } catch (const std::exception& error) {
        return problem_at({1, 1}, std::string{"cannot be parsed: "} + error.what());
    }
}

}  // namespace curfew::config
