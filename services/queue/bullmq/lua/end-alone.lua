-- Undoes the count of a run alone: the worker is alive, so the batch did not kill it. KEYS: 1 job
if tonumber(redis.call('HGET', KEYS[1], 'alone') or 0) > 0 then redis.call('HINCRBY', KEYS[1], 'alone', -1) end
