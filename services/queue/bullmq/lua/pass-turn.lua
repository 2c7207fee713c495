-- Makes the first batch of a worse rank the next one, before all others; one at a time.
-- KEYS: 1 prioritized. ARGV: 1 rank
-- Answers its id; nothing if there is none, or another one is first already.
local call = redis.call
local first = call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
-- Rank 0 is reserved for the batch that goes first.
if #first == 0 or tonumber(first[2]) < SCORES_PER_RANK then return nil end
local next = call('ZRANGEBYSCORE', KEYS[1], (ARGV[1] + 1) * SCORES_PER_RANK, '+inf', 'LIMIT', 0, 1)
if #next > 0 then call('ZADD', KEYS[1], 0, next[1]) end
return next[1]
