-- Counts that a stalled batch is about to be run with nothing beside it. KEYS: 1 job, 2 lock. ARGV: 1 token
-- Answers how often that has been so, or -1 when the batch is no longer the caller's.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
return redis.call('HINCRBY', KEYS[1], 'alone', 1)
