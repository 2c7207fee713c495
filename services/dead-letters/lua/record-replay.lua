-- Records the state of an unfinished replay, if it has changed and the caller still holds the lease.
-- KEYS: 1 replay, 2 its ids, 3 lease, 4 unfinished replays
-- ARGV: 1 token, 2 id, 3 status (running | paused | done) or '' to leave it, 4 reason or '', 5 cursor or '' to leave it
local call = redis.call
if call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
local status, reason, total, replayed = unpack(call('HMGET', KEYS[1], 'status', 'reason', 'total', 'replayed'))
if status ~= 'running' and status ~= 'paused' then return 0 end
if ARGV[5] ~= '' then call('HSET', KEYS[1], 'cursor', ARGV[5]) end
if ARGV[3] == '' or (status == ARGV[3] and (reason or '') == ARGV[4]) then return 0 end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
call('HSET', KEYS[1], 'status', ARGV[3], 'updatedAt', now)
if ARGV[4] == '' then call('HDEL', KEYS[1], 'reason') else call('HSET', KEYS[1], 'reason', ARGV[4]) end
if ARGV[3] == 'done' then
  call('HSET', KEYS[1], 'finishedAt', now, 'skipped', math.max(0, (tonumber(total) or 0) - (tonumber(replayed) or 0)))
  call('DEL', KEYS[2])
  call('ZREM', KEYS[4], ARGV[2])
end
return 1
