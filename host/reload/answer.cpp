// SPDX-License-Identifier: Apache-2.0
#include "reload/answer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.hpp"

namespace scanhost::reload {
namespace {

using json = nlohmann::ordered_json;

}  // namespace

answer failure(const base::error& problem) {
  return {base::exit_code_of(problem.code), problem.message + "\n", {}};
}

void answer_builder::add(std::string scanner, std::string outcome, std::string detail) {
  lines_.push_back({std::move(scanner), std::move(outcome), std::move(detail)});
}

void answer_builder::fail(base::errc code) {
  if (code_ == base::exit_code::ok) code_ = base::exit_code_of(code);
}

answer answer_builder::finish(const std::string& otherwise) const {
  answer result{code_, {}, {}};
  json object{{"scanners", json::array()}, {"notes", notes_}};
  for (const auto& [scanner, outcome, detail] : lines_) {
    result.message += fmt::format("{}: {}{}{}\n", scanner, outcome, detail.empty() ? "" : ": ", detail);
    object["scanners"].push_back({{"scanner", scanner}, {"outcome", outcome}, {"detail", detail}});
  }
  for (const auto& note : notes_) result.message += note + "\n";
  if (result.message.empty()) result.message = otherwise + "\n";
  result.data = base::json_line(object);
  return result;
}

}  // namespace scanhost::reload
