-- Takes back that a stalled batch was run with nothing beside it: its worker lives, so the batch did not end it. KEYS: 1 job
if tonumber(redis.call('HGET', KEYS[1], 'alone') or 0) > 0 then redis.call('HINCRBY', KEYS[1], 'alone', -1) end
