-- An entry is a header of 33 bytes and, unless it only stands for a lease, a state. The header: format, then incarnation,
-- version, source position as of which the state is current, and token of a lease (0: none), 8 bytes each.
-- 53 bits of each are exact.
local function read(key)
  local header = redis.pcall('GETRANGE', key, 0, 32)
  if type(header) ~= 'string' or #header < 33 or string.byte(header) ~= 1 then
    return nil
  end
  local incarnation, version, asOf, lease = struct.unpack('>I8I8I8I8', header, 2)
  return { incarnation, version, asOf, lease = lease }
end

-- Whether the entry that is there is at least as new as this value: by incarnation, then version, then position.
local function covers(there, value)
  local given = { struct.unpack('>I8I8I8', value, 2) }
  for i = 1, 3 do
    if there[i] ~= given[i] then
      return there[i] > given[i]
    end
  end
  return true
end

