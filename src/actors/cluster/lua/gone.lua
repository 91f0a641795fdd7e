-- A node is over: nothing is planned for it from now on.
-- KEYS 1 nodes  2 node  3 takers  4 count  5 version  6 load (as in beat.lua)   ARGV 1 incarnation   Answers 1 when it was known, else 0.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
for i = 3, 5 do redis.call('HDEL', KEYS[i], ARGV[1]) end
return redis.call('HDEL', KEYS[2], ARGV[1])
