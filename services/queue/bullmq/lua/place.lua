-- Places a batch that was just added by the age of its events, which waited elsewhere: within its rank, behind older
-- and before younger events. Does nothing if the add did nothing, or a worker has the batch. BullMQ orders waiting jobs
-- by rank * 2^32 + count, with integer counts: 4,095 such batches fit between two, one after the other, and a few
-- between any two of them. If there is no room, the batch shares the place of the next one. A rank is in order of time
-- except for a few entries; a search that meets one of them ends nearby. In a fair order (see order) a rank is in no
-- order of time: such batches come before all others of their rank, below its first tag.
-- KEYS: 1 prioritized, 2 job, 3 finishes of the flows of a fair order. ARGV: 1 job id, 2 rank, 3 age of the events
--   (ms), 4 prefix of jobs
local call = redis.call
local STEP = 2 ^ -12
if not call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local time = call('TIME')
local sinceMs = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[3]
call('HSET', KEYS[2], 'since', string.format('%.0f', sinceMs))
call('ZREM', KEYS[1], ARGV[1])
local lowest = ARGV[2] * SCORES_PER_RANK
local function countBelow (score) return call('ZCOUNT', KEYS[1], '-inf', string.format('(%.0f', score)) end
local highest = lowest + SCORES_PER_RANK
local isFair = call('ZCOUNT', KEYS[3], lowest, highest - 1) > 0
if isFair then highest = lowest + 1 end
local first, from, to = countBelow(lowest), countBelow(lowest), countBelow(highest)
local last = to
while from < to do
  local middle = math.floor((from + to) / 2)
  local since, added = unpack(redis.pcall('HMGET', ARGV[4] .. call('ZRANGE', KEYS[1], middle, middle)[1], 'since', 'timestamp'))
  if (tonumber(since or added or 0) or 0) <= sinceMs then from = middle + 1 else to = middle end
end
local function scoreAt (index) return tonumber(call('ZRANGE', KEYS[1], index, index, 'WITHSCORES')[2]) end
local before = from > first and scoreAt(from - 1) or lowest
local after = from < last and scoreAt(from) or isFair and highest or math.huge
local score = before + STEP < after and before + STEP or (before + after) / 2
call('ZADD', KEYS[1], string.format('%.17g', score), ARGV[1])
return 1
