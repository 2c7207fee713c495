-- Stores the dead letters of one batch, all or none. A letter that is there already, or that was taken out a short while ago,
-- is left as it is: a batch that is run again after a crash brings its letters again.
-- The score of a letter is when it died, in microseconds of the clock of Redis, pushed on where two would be the same: one clock
-- for all processes, so that a cursor is a number and nothing that dies later is ever behind it.
-- KEYS: 1 letters, 2 figures. ARGV: 1 prefix of letters, 2 most letters, then id, letter, type, organization and reason of each
-- Answers how many of the oldest were discarded to keep within the bound.
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
call('ZCARD', KEYS[1])
local last = tonumber(call('HGET', KEYS[2], 'last') or 0) or 0
local added = 0
for i = 3, #ARGV, 5 do
  local key = ARGV[1] .. ARGV[i]
  if call('EXISTS', key) == 0 then
    last = math.max(now, last + 1)
    added = added + 1
    local score = string.format('%.0f', last)
    call('HSET', key, 'letter', ARGV[i + 1], 'type', ARGV[i + 2], 'organizationId', ARGV[i + 3], 'reason', ARGV[i + 4], 'score', score)
    call('ZADD', KEYS[1], score, ARGV[i])
  end
end
if added == 0 then return 0 end
call('HSET', KEYS[2], 'last', string.format('%.0f', last))
local surplus = call('ZCARD', KEYS[1]) - ARGV[2]
if surplus <= 0 then return 0 end
-- After the bound was lowered there are more to go than came; they go in steps.
local oldest = call('ZPOPMIN', KEYS[1], math.min(surplus, added + 1000))
for i = 1, #oldest, 2 do call('DEL', ARGV[1] .. oldest[i]) end
call('HINCRBY', KEYS[2], 'discarded', #oldest / 2)
return #oldest / 2
