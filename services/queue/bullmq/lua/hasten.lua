-- Puts batches that have waited too long before all others of a rank, so a steady flow of new events cannot keep them
-- waiting forever: retries before first tries of their own priority, low batches before normal ones.
-- KEYS: 1 prioritized. ARGV: id and rank of each
-- Answers how many went ahead.
local call = redis.call
local hastened = 0
for i = 1, #ARGV, 2 do
  if call('ZSCORE', KEYS[1], ARGV[i]) then
    -- The lowest score of the rank.
    call('ZADD', KEYS[1], ARGV[i + 1] * SCORES_PER_RANK, ARGV[i])
    hastened = hastened + 1
  end
end
return hastened
