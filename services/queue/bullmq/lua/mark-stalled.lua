-- Makes a batch that was just added count as stalled once, so it runs alone: BullMQ keeps that number in `stc`.
-- KEYS: 1 job
if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HEXISTS', KEYS[1], 'void') == 0 then redis.call('HSETNX', KEYS[1], 'stc', 1) end
return 1
