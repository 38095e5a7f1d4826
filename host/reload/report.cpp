// SPDX-License-Identifier: Apache-2.0
#include "reload/report.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace scanhost::reload {
namespace {

using json = nlohmann::ordered_json;

// Texts come from plugins and files: whatever is no UTF-8 in them is replaced.
std::string dump(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

void report::add(std::string scanner, std::string what, std::string detail) {
  lines_.push_back({std::move(scanner), std::move(what), std::move(detail)});
}

void report::failed(base::errc code) {
  if (code_ == base::exit_code::ok) code_ = base::exit_code_of(code);
}

outcome report::finish(const std::string& otherwise) const {
  outcome result{code_, {}, {}};
  json object{{"scanners", json::array()}, {"notes", notes_}};
  for (const auto& entry : lines_) {
    result.message +=
        entry.scanner + ": " + entry.what + (entry.detail.empty() ? "" : ": " + entry.detail) + "\n";
    object["scanners"].push_back(
        {{"scanner", entry.scanner}, {"outcome", entry.what}, {"detail", entry.detail}});
  }
  for (const auto& remark : notes_) result.message += remark + "\n";
  if (result.message.empty()) result.message = otherwise + "\n";
  result.data = dump(object);
  return result;
}

outcome failure(const base::error& problem) {
  return {base::exit_code_of(problem.code), problem.message + "\n", dump({{"error", problem.message}})};
}

}  // namespace scanhost::reload
