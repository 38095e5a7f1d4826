// SPDX-License-Identifier: Apache-2.0
//
// The other hosts that admin.peers names, for the page: what each says of itself in its status. They are
// asked only while somebody looks at the page, and nobody waits for them: an answer has what is known.
//
// Threads: that of the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "config/settings.hpp"

namespace scanhost::admin {

class peers {
 public:
  static constexpr std::chrono::seconds patience{3};  // for an answer
  static constexpr std::chrono::seconds max_age{1};   // of an answer; an older one is asked for anew
  static constexpr std::size_t max_status_size = std::size_t{4} << 20;  // bytes

  // `read_token`: sent to each of them, which has the same one; empty: none is sent.
  peers(boost::asio::io_context& context, const std::vector<config::server_address>& addresses,
        const base::secret& read_token);

  // Gives up what is under way.
  ~peers();
  peers(const peers&) = delete;
  peers& operator=(const peers&) = delete;

  // {"version": 1, "peers": [{"address": "10.0.0.2:9464", "at_ms": null, "problem": null, "status": null}]}.
  // `status`: the document of status.schema.json as it came last, at `at_ms`; `problem`: why there is no
  // newer one. Asks those again whose answer is too old.
  std::string json();

 private:
  struct peer;
  std::vector<std::shared_ptr<peer>> peers_;  // shared with what is under way
  boost::asio::io_context& context_;
};

}  // namespace scanhost::admin
