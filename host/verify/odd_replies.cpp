// SPDX-License-Identifier: Apache-2.0
#include "verify/odd_replies.hpp"

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace scanhost::verify {
namespace {

using testing::array;
using testing::value;

std::vector<value> odd_values() {
  auto deep = array("x");
  for (int depth = 0; depth < 100; ++depth) deep = array(std::vector<value>{deep});
  return {testing::nil(),
          value(-1),
          value(std::numeric_limits<std::int64_t>::max()),
          value(""),
          value(std::string(65'536, '\0')),
          value("not a number"),
          testing::status("OK"),
          array(std::vector<value>()),
          array(std::vector<value>(3)),
          array(std::vector<value>(5, value(7))),
          array(value("0"), testing::nil()),
          array(value("item-1"), value("")),
          deep};
}

}  // namespace

testing::answer_to odd_replies() {
  struct state {
    std::vector<value> values = odd_values();
    std::map<std::string, std::size_t> next;  // by command
  };
  return [kept = std::make_shared<state>()](const testing::call& asked) {
    auto& next = kept->next[asked.args.front()];
    return testing::answer(kept->values[next++ % kept->values.size()]);
  };
}

}  // namespace scanhost::verify
