-- Books differences into the ledger so that its laws hold again, and records who did it and why, latest first.
-- KEYS: 1 ledger, 2 history. ARGV: 1 how many there were when the differences were computed, 2 entry of the history, 3
--   most entries, then field and amount of each difference
-- Answers 0, and books nothing, if another rebase happened meanwhile.
local call = redis.call
if (tonumber(call('HGET', KEYS[1], 'rebases') or 0) or 0) ~= tonumber(ARGV[1]) then return 0 end
call('HINCRBY', KEYS[1], 'rebases', 1)
for i = 4, #ARGV, 2 do call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
local time = call('TIME')
call('LPUSH', KEYS[2], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)) .. ' ' .. ARGV[2])
call('LTRIM', KEYS[2], 0, ARGV[3] - 1)
return 1
