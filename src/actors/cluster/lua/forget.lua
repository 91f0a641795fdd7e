-- A session is not owned any more, if it was under this epoch. A plan for it stays.
-- KEYS 1 home (as in place.lua)   ARGV 1 session  2 epoch   Answers 1 when it was forgotten, else 0.
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then return 0 end
local epoch, planned = string.match(value, '^(%d+)|[^|]*|(%d)$')
if epoch ~= ARGV[2] or planned == '1' then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
