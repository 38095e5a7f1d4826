// SPDX-License-Identifier: Apache-2.0
//
// In each partition it sends the commands of its option, and does not say that they act. Whatever is no reply
// it takes for the item's failure. Commands are separated by ';', their words by '|', and '@' is the
// partition's tag. A command that begins with the word SCRIPT runs the text behind it by handle.
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) c == at ? void(parts.emplace_back()) : parts.back().push_back(c);
  return parts;
}

std::string replaced(std::string_view word, std::string_view tag) {
  std::string text;
  for (const char c : word) c == '@' ? text.append(tag) : text.append(1, c);
  return text;
}

class careless : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description me;
    me.name = "careless";
    me.version = "1.0";
    me.families.push_back({"shard", "{s:*}", 4});
    me.default_interval = std::chrono::milliseconds(100);
    me.default_page_size = 10;
    me.options.push_back({.name = "commands", .type = scanhost::option_type::text});
    me.required_extensions = {SCANHOST_EXT_FAILURES};
    return me;
  }

  explicit careless(scanhost::services host) : host_(host), failures_(host.failures()) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    scanhost::batch calls;
    for (const auto& command : split(host_.text("commands"), ';')) add(calls, command, scan.tag());
    const auto answers = co_await scan.execute(std::move(calls));
    scanhost::result sum;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].ok()) {
        ++sum.processed;
      } else if (answers[i].held_back()) {
        ++sum.skipped;
      } else {
        ++sum.errors;
      }
      if (!answers[i].ok()) failures_.failure(scan, "item", answers[i].message());
    }
    co_return sum;
  }

 private:
  void add(scanhost::batch& calls, const std::string& command, std::string_view tag) {
    auto words = split(command, '|');
    for (auto& word : words) word = replaced(word, tag);
    if (words.front() == "SCRIPT") {
      calls.add(host_.script(words.at(1)).on(words.at(2)));
      return;
    }
    scanhost::command call(words.front());
    for (std::size_t i = 1; i < words.size(); ++i) call.arg(words[i]);
    calls.add(std::move(call));
  }

  scanhost::services host_;
  scanhost::failures failures_;
};

}  // namespace

SCANHOST_PLUGIN(careless)
