// SPDX-License-Identifier: Apache-2.0
//
// The client, on hiredis' blocking interface.
#include "store.hpp"

#include <hiredis/hiredis.h>

#include "problem.hpp"

namespace scanhost::demo {
namespace {

struct freer {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using owned_reply = std::unique_ptr<redisReply, freer>;

reply copied(const redisReply& from) {
  reply to;
  switch (from.type) {
    case REDIS_REPLY_NIL:
      break;
    case REDIS_REPLY_INTEGER:
      to.kind = reply::kind::number;
      to.number = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      to.kind = reply::kind::list;
      for (std::size_t at = 0; at < from.elements; ++at) to.list.push_back(copied(*from.element[at]));
      break;
    default:
      to.kind = from.type == REDIS_REPLY_ERROR ? reply::kind::error : reply::kind::text;
      to.text.assign(from.str, from.len);
  }
  return to;
}

void append(redisContext& context, const command& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  if (redisAppendCommandArgv(&context, static_cast<int>(words.size()), texts.data(), sizes.data()) !=
      REDIS_OK) {
    throw problem(std::string("the demo's server: a command cannot be sent: ") + context.errstr);
  }
}

}  // namespace

void store::closer::operator()(redisContext* context) const noexcept { redisFree(context); }

store::store(const std::filesystem::path& socket) : context_(redisConnectUnix(socket.c_str())) {
  if (context_ == nullptr) throw problem("the demo's server: out of memory");
  if (context_->err != 0) throw problem("the demo's server at " + socket.string() + ": " + context_->errstr);
  context_->reader->maxbuf = 0;  // keep the buffer between replies
}

std::vector<reply> store::batch(const std::vector<command>& commands) {
  for (const auto& words : commands) append(*context_, words);
  std::vector<reply> replies;
  replies.reserve(commands.size());
  for (std::size_t at = 0; at < commands.size(); ++at) {
    void* raw = nullptr;
    if (redisGetReply(context_.get(), &raw) != REDIS_OK) {
      throw problem(std::string("the demo's server does not answer any more: ") + context_->errstr);
    }
    const owned_reply received(static_cast<redisReply*>(raw));
    replies.push_back(copied(*received));
  }
  return replies;
}

reply store::ask(const command& words) {
  auto answer = std::move(batch({words}).front());
  if (answer.kind == reply::kind::error)
    throw problem("the demo's server refused " + words.front() + ": " + answer.text);
  return answer;
}

std::int64_t store::now_ms() {
  const auto time = ask({"TIME"});
  return std::stoll(time.list.at(0).text) * 1000 + std::stoll(time.list.at(1).text) / 1000;
}

}  // namespace scanhost::demo
