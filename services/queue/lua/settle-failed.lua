-- Books a job that BullMQ gave up on, after its events were stored as dead letters. Does nothing the second time.
-- KEYS: 1 failed, 2 job, 3 ledger. ARGV: 1 job id, 2 priority, 3 events
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HINCRBY', KEYS[3], 'settled:' .. ARGV[2], ARGV[3])
redis.call('HINCRBY', KEYS[3], 'dead:' .. ARGV[2], ARGV[3])
return 1
