// SPDX-License-Identifier: Apache-2.0
//
// Ids: the forms of a UUID, partitions, execution ids.
#include "common/ids.hpp"

#include <gtest/gtest.h>

#include <scanhost/slots.hpp>

namespace ff {
namespace {

constexpr const char* id = "550e8400-e29b-41d4-a716-446655440000";

TEST(ids, accept_every_form_of_a_uuid_and_print_the_canonical_one) {
  for (const std::string& text : {std::string(id), std::string("550E8400-E29B-41d4-A716-446655440000"),
                                  std::string("550e8400e29b41d4a716446655440000"),
                                  "{" + std::string(id) + "}", "urn:uuid:" + std::string(id)}) {
    const auto parsed = parse_uuid(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(canonical(*parsed), id);
  }
}

TEST(ids, refuse_every_other_text_as_a_uuid) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(id) + "0", "URN:UUID:" + std::string(id),
        "(" + std::string(id) + ")", std::string("{550e8400e29b41d4a716446655440000}"),
        std::string("550e8400-e29b-41d4-a716-44665544000g"),
        std::string("550e8400-e29b-41d4a-716-446655440000"),
        std::string("550e8400-e29b-41d4-a716-4466554400 0"), std::string(36, '-'), std::string(32, '\0')})
    EXPECT_FALSE(parse_uuid(text)) << text;
}

TEST(ids, compute_partitions_as_the_engine_does) {
  EXPECT_EQ(scanhost::crc16("123456789"), 0x31c3);
  EXPECT_EQ(scanhost::crc16("default"), 54870);
  EXPECT_EQ(partition_of(*parse_uuid(id), 256), 24u);
  EXPECT_EQ(partition_of(*parse_uuid("00000000-0000-0000-0000-000000000000"), 256), 0u);
  EXPECT_EQ(partition_of(*parse_uuid("11111111-1111-1111-1111-111111111111"), 4), 2u);
  EXPECT_EQ(partition_of(*parse_uuid("ffffffff-ffff-ffff-ffff-ffffffffffff"), 32), 1u);
  EXPECT_EQ(partition_of(*parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), 256), 77u);
}

TEST(ids, decode_the_partition_of_an_execution_from_its_text) {
  EXPECT_EQ(execution_partition("{fp:7}:" + std::string(id)), 7);
  EXPECT_EQ(execution_partition("{fp:+7}:" + std::string(id)), 7);
  EXPECT_EQ(execution_partition("{fp:007}:{" + std::string(id) + "}"), 7);
  EXPECT_EQ(execution_partition("{fp:65535}:" + std::string(id)), 65535);
}

TEST(ids, refuse_malformed_execution_ids) {
  for (const std::string& text :
       {std::string(), std::string(id), std::string("{fp:7}"), "{fp:7}" + std::string(id),
        "{fp:}:" + std::string(id), "{fp:65536}:" + std::string(id), "{fp:-1}:" + std::string(id),
        "{fp: 7}:" + std::string(id), "{b:7}:" + std::string(id), std::string("{fp:7}:exec-1"),
        " {fp:7}:" + std::string(id), "{fp:7}:" + std::string(id) + "}:"})
    EXPECT_FALSE(execution_partition(text)) << text;
}

TEST(ids, make_a_fresh_id_each_time) {
  const auto fresh_id = canonical(random_uuid());
  EXPECT_TRUE(parse_uuid(fresh_id));
  EXPECT_NE(fresh_id, canonical(random_uuid()));
}

}  // namespace
}  // namespace ff
