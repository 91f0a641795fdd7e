-- A node is over: nothing is planned for it from now on.
-- KEYS 1 nodes  2 node  3 takers  4 load (as in beat.lua)   ARGV 1 incarnation   Answers 1 when it was known, else 0.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
