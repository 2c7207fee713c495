-- Books a batch that was just added: as many events as it holds, once, whatever the number of tries.
-- Runs in one MULTI with the add, so a crash cannot fall between them, and does nothing when the add did nothing.
-- KEYS: 1 job, 2 ledger, 3 due. ARGV: 1 field (enqueued | requeued), 2 priority, 3 events, 4 when it is due (ms) or ''
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[1], 'events', ARGV[3]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[1] .. ':' .. ARGV[2], ARGV[3])
if ARGV[4] ~= '' then redis.call('HINCRBY', KEYS[3], ARGV[4] .. ':' .. ARGV[2], ARGV[3]) end
return 1
