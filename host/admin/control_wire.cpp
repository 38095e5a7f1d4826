// SPDX-License-Identifier: Apache-2.0
#include "admin/control_wire.hpp"

#include <nlohmann/json.hpp>

namespace scanhost::admin {
namespace {

using json = nlohmann::ordered_json;

constexpr int max_exit_code = 255;  // what a process can end with

std::string line_of(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

base::error not_a_request(const std::string& why) {
  return base::fail(base::errc::usage,
                    "this is not a request: " + why +
                        "; send one line such as {\"command\": \"status\", \"arguments\": []}");
}

base::error not_an_answer() {
  return base::fail(base::errc::data,
                    "what came back is not an answer; is it a scanhost that listens there?");
}

// Nothing: the line is not a JSON object.
json object_of(std::string_view line) {
  auto read = json::parse(line, nullptr, false);
  return read.is_object() ? read : json();
}

}  // namespace

std::string to_line(const control_request& request) {
  return line_of({{"command", request.command}, {"arguments", request.arguments}});
}

std::string to_line(const control_answer& answer) {
  return line_of(
      {{"code", static_cast<int>(answer.code)}, {"message", answer.message}, {"data", answer.data}});
}

base::result<control_request> read_request(std::string_view line) {
  const auto object = object_of(line);
  if (object.is_null()) return not_a_request("it is not a JSON object");
  const auto command = object.find("command");
  if (command == object.end() || !command->is_string()) return not_a_request("it has no text 'command'");
  control_request request{command->get<std::string>(), {}};
  const auto arguments = object.find("arguments");
  if (arguments == object.end()) return request;
  if (!arguments->is_array()) return not_a_request("its 'arguments' are not a list");
  for (const auto& argument : *arguments) {
    if (!argument.is_string()) return not_a_request("its 'arguments' are not all texts");
    request.arguments.push_back(argument.get<std::string>());
  }
  return request;
}

base::result<control_answer> read_answer(std::string_view line) {
  const auto object = object_of(line);
  if (object.is_null()) return not_an_answer();
  const auto code = object.find("code"), message = object.find("message"), data = object.find("data");
  for (const auto& text : {message, data})
    if (text == object.end() || !text->is_string()) return not_an_answer();
  if (code == object.end() || !code->is_number_integer()) return not_an_answer();
  const auto number = code->get<std::int64_t>();
  if (number < 0 || number > max_exit_code) return not_an_answer();
  return control_answer{static_cast<base::exit_code>(number), message->get<std::string>(),
                        data->get<std::string>()};
}

}  // namespace scanhost::admin
