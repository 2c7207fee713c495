-- Fails when Redis writes no append-only file, before anything of the same step is done. Costs what INFO persistence
-- does.
-- KEYS: 1 job. ARGV: 1 what the error says
if not string.find(redis.call('INFO', 'persistence'), 'aof_enabled:1', 1, true) then error(ARGV[1]) end
return {}
