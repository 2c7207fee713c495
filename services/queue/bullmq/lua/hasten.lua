-- Puts retries that have waited too long before the first tries of their own priority, one of each rank at a time: they
-- are not to be kept waiting for ever by events that were never tried.
-- KEYS: 1 prioritized, 2 lease. ARGV: 1 life of the lease (ms), then id and rank of each
-- Answers how many went ahead.
local call = redis.call
if not call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return 0 end
local hastened = 0
for i = 2, #ARGV, 2 do
  if call('ZSCORE', KEYS[1], ARGV[i]) then
    -- The lowest score of the rank.
    call('ZADD', KEYS[1], ARGV[i + 1] * SCORES_PER_RANK, ARGV[i])
    hastened = hastened + 1
  end
end
return hastened
