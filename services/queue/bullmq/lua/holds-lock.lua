-- Lets later commands of the same step run only while a worker holds the lock of a batch.
-- KEYS: 1 lock. ARGV: 1 token. Answers 1 or nothing.
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or nil
