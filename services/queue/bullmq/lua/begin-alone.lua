-- Counts a run of a stalled batch alone, without other batches beside it. KEYS: 1 job, 2 lock. ARGV: 1 token
-- Answers the number of such runs, or -1 if the caller no longer holds the lock.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
return redis.call('HINCRBY', KEYS[1], 'alone', 1)
