-- An attempt that counts as failed until it is forgotten: limits.ts with the clock of Redis.
-- KEYS 1 HASH failures, till in ms   ARGV 1 the attempt after which one waits  2 first wait  3 longest wait  4 memory, all in ms
-- Answers how long to wait in ms; 0: it was counted and may be made.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local failures, till = unpack(redis.call('HMGET', KEYS[1], 'failures', 'till'))
failures = tonumber(failures or 0) + 1
till = tonumber(till or 0)
if now < till then return till - now end
local over = failures - tonumber(ARGV[1])
local wait = 0
if over >= 0 then wait = math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ over) end
redis.call('HSET', KEYS[1], 'failures', failures, 'till', string.format('%.0f', now + wait))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 0
