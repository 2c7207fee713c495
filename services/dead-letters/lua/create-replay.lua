-- Begins a replay. Only the latest finished replays are kept.
-- KEYS: 1 replays, 2 unfinished ones, 3 replay, 4 its ids. ARGV: 1 most replays kept, 2 most unfinished ones, 3 prefix
--   of replays, 4 prefix of their ids, 5 id, 6 ids as JSON or '', then fields and values
-- Answers 0 when there are too many unfinished ones.
local call = redis.call
if call('ZCARD', KEYS[2]) >= tonumber(ARGV[2]) then return 0 end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
call('HSET', KEYS[3], 'status', 'running', 'replayed', 0, 'skipped', 0, 'createdAt', now, 'updatedAt', now)
for i = 7, #ARGV, 2 do call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
if ARGV[6] ~= '' then call('SET', KEYS[4], ARGV[6]) end
call('ZADD', KEYS[1], now, ARGV[5])
call('ZADD', KEYS[2], now, ARGV[5])
local surplus = call('ZCARD', KEYS[1]) - ARGV[1]
if surplus > 0 then
  for _, id in ipairs(call('ZRANGE', KEYS[1], 0, surplus - 1)) do
    if not call('ZSCORE', KEYS[2], id) then
      call('ZREM', KEYS[1], id)
      call('DEL', ARGV[3] .. id, ARGV[4] .. id)
    end
  end
end
return 1
