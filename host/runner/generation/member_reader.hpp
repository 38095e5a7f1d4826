// SPDX-License-Identifier: Apache-2.0
//
// Reads the members of a listed family from a set or a sorted set in the store. On the scanner's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class member_reader {
 public:
  // The members of a set in the order of their bytes, those of a sorted set in the order of their scores;
  // none where there is no such key. An error: the store did not answer, the key holds something else, or it
  // has more members than a family may have.
  using on_members = std::function<void(base::result<std::vector<std::string>>)>;

  explicit member_reader(store::client& client) noexcept : client_(client) {}

  // One at a time: the receiver of one that is still under way is not called any more.
  void read(std::string key, on_members receive);
  void drop() { receive_ = nullptr; }

 private:
  using step = void (member_reader::*)(const scanhost_reply&);

  void ask(std::initializer_list<std::string_view> words, step next);
  void take_type(const scanhost_reply& reply);
  void take_size(const scanhost_reply& reply);
  void take_set(const scanhost_reply& reply);
  void take_sorted_set(const scanhost_reply& reply);
  void finish(base::result<std::vector<std::string>> members);
  void refuse_size();

  store::client& client_;
  std::string key_;
  on_members receive_;  // null: nothing is under way
  std::uint64_t reading_ = 0;
};

}  // namespace scanhost::runner
