-- Checks the types of keys and their numbers. Renames a key of another type, and removes an entry that is not a number;
-- records both for a rebuild.
-- KEYS: 1 notes, then each key and its name aside. ARGV: for each key its type and its numeric part: '', 'value',
--   'fields', 'lease' or fields with commas between
-- Answers key, new name or '', entry or '' of all damage, and all recorded keys.
local call = redis.call
local found = {}
local function note (key, keptAs, entry)
  for _, value in ipairs({ key, keptAs, entry }) do found[#found + 1] = value end
  if call('TYPE', KEYS[1]).ok ~= 'set' then call('DEL', KEYS[1]) end
  call('SADD', KEYS[1], key)
end
local function aside (key, name)
  call('RENAME', key, name)
  note(key, name, '')
end
local function isWhole (value)
  local number = tonumber(value)
  local isExact = number and number == math.floor(number) and math.abs(number) <= 9007199254740991
  return isExact and string.match(value, '^%-?%d+$') ~= nil
end
for index = 2, #KEYS, 2 do
  local key, name = KEYS[index], KEYS[index + 1]
  local type, numbers = ARGV[index - 1], ARGV[index]
  local actual = call('TYPE', key).ok
  if actual ~= 'none' and actual ~= type then
    aside(key, name)
  elseif actual ~= 'none' and numbers ~= '' then
    if numbers == 'value' then
      if not isWhole(call('GET', key)) then aside(key, name) end
    elseif numbers == 'lease' then
      if call('PTTL', key) == -1 then aside(key, name) end
    elseif numbers == 'fields' then
      local fields = call('HGETALL', key)
      for i = 1, #fields, 2 do
        if not isWhole(fields[i + 1]) then
          call('HDEL', key, fields[i])
          note(key, '', fields[i])
        end
      end
    else
      for field in string.gmatch(numbers, '[^,]+') do
        local value = call('HGET', key, field)
        if value and not isWhole(value) then
          call('HDEL', key, field)
          note(key, '', field)
        end
      end
    end
  end
end
if call('TYPE', KEYS[1]).ok ~= 'set' then return { found, {} } end
return { found, call('SMEMBERS', KEYS[1]) }
