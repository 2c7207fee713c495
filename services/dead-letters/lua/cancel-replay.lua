-- Cancels a replay. KEYS: 1 replay, 2 its ids, 3 unfinished replays. ARGV: 1 id
-- Answers its former status, or nil if there is no such replay.
local call = redis.call
local status = call('HGET', KEYS[1], 'status')
if status ~= 'running' and status ~= 'paused' then return status end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
call('HSET', KEYS[1], 'status', 'cancelled', 'updatedAt', now, 'finishedAt', now)
call('HDEL', KEYS[1], 'reason')
call('DEL', KEYS[2])
call('ZREM', KEYS[3], ARGV[1])
return status
