-- Fails if Redis writes no append-only file, before any other command of the same step. Costs as much as INFO
-- persistence.
-- KEYS: 1 job. ARGV: 1 text of the error
if not string.find(redis.call('INFO', 'persistence'), 'aof_enabled:1', 1, true) then error(ARGV[1]) end
return {}
