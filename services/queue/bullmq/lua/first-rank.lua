-- Answers the rank of the batch that a worker would get next: of a stalled one 0, since it goes first, and of a retry
-- that is due its own. Only reads.
-- KEYS: 1 wait, 2 prioritized, 3 delayed. ARGV: 1 key prefix of jobs
-- Answers nothing if no batch waits.
local call = redis.call
if call('LLEN', KEYS[1]) > 0 then return 0 end
local first = call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
local rank = first[2] and math.floor(first[2] / SCORES_PER_RANK)
local retry = call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
if retry[2] then
  local time = call('TIME')
  if retry[2] / SCORES_PER_MS <= time[1] * 1000 + math.floor(time[2] / 1000) then
    local due = tonumber(call('HGET', ARGV[1] .. retry[1], 'priority') or 0) or 0
    if not rank or due < rank then rank = due end
  end
end
return rank
