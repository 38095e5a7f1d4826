// SPDX-License-Identifier: Apache-2.0
#include "store.hpp"

#include <hiredis/hiredis.h>

#include <string_view>

#include "ending.hpp"
#include "files.hpp"

namespace scanhost::demo {
namespace {

reply copied(const redisReply& from) {
  reply copy;
  switch (from.type) {
    case REDIS_REPLY_NIL:
      break;
    case REDIS_REPLY_INTEGER:
      copy.kind = reply_kind::number;
      copy.number = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      copy.kind = reply_kind::list;
      for (std::size_t at = 0; at < from.elements; ++at) copy.list.push_back(copied(*from.element[at]));
      break;
    default:
      copy.kind = from.type == REDIS_REPLY_ERROR ? reply_kind::error : reply_kind::text;
      copy.text.assign(from.str, from.len);
  }
  return copy;
}

void append(redisContext& context, const command& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const auto count = static_cast<int>(words.size());
  if (redisAppendCommandArgv(&context, count, texts.data(), sizes.data()) != REDIS_OK)
    fail("the demo's server: a command cannot be sent: {}", context.errstr);
}

constexpr std::chrono::seconds server_patience{20};
constexpr std::size_t max_socket_path_length = 107;  // sockaddr_un

std::filesystem::path server_program() {
  for (const std::string_view name : {"valkey-server", "redis-server"}) {
    if (auto found = find_in_path(name)) return *found;
  }
  fail(
      "neither valkey-server nor redis-server is in PATH; install one of them (apt install valkey-server, or apt install redis-server); its service need not run");
}

bool answers(const std::filesystem::path& socket) {
  try {
    return store(socket).ask({"PING"}).text == "PONG";
  } catch (const problem&) {
    return false;
  }
}

}  // namespace

store::store(const std::filesystem::path& socket) : context_(redisConnectUnix(socket.c_str()), redisFree) {
  if (context_ == nullptr) fail("the demo's server: out of memory");
  if (context_->err != 0) fail("the demo's server at {}: {}", socket.string(), context_->errstr);
  context_->reader->maxbuf = 0;  // keep the buffer between replies
}

std::vector<reply> store::batch(const std::vector<command>& commands) {
  for (const auto& words : commands) append(*context_, words);
  std::vector<reply> replies;
  replies.reserve(commands.size());
  while (replies.size() < commands.size()) {
    void* raw = nullptr;
    if (redisGetReply(context_.get(), &raw) != REDIS_OK)
      fail("the demo's server does not answer any more: {}", context_->errstr);
    const std::unique_ptr<void, void (*)(void*)> owner(raw, freeReplyObject);
    replies.push_back(copied(*static_cast<redisReply*>(raw)));
  }
  return replies;
}

reply store::ask(const command& words) {
  auto answer = std::move(batch({words}).front());
  if (answer.kind == reply_kind::error) fail("the demo's server refused {}: {}", words.front(), answer.text);
  return answer;
}

std::int64_t store::now_ms() {
  const auto time = ask({"TIME"});
  return std::stoll(time.list.at(0).text) * 1000 + std::stoll(time.list.at(1).text) / 1000;
}

server::server(const std::filesystem::path& folder) : socket_(folder / "store.sock") {
  const auto socket = socket_.string();
  if (socket.size() > max_socket_path_length)
    fail("{}: too long for a Unix socket; set TMPDIR to a shorter path", socket);
  const auto log = folder / "server.log";
  process_.emplace(
      std::vector<std::string>{server_program().string(), "--port", "0", "--unixsocket", socket,
                               "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir",
                               folder.string(), "--daemonize", "no", "--maxmemory", "0"},
      log);
  wait_until_ready(*process_, "the demo's server", log, server_patience, [&] { return answers(socket_); });
  const auto hello = connect().ask({"HELLO"}).list;  // "server", its name, "version", its version, ...
  name_ = hello.at(1).text;
  version_ = hello.at(3).text;
}

}  // namespace scanhost::demo
