-- KEYS: entry. ARGV: token of the lease, the value, its time to live in milliseconds.
local entry = read(KEYS[1])
if entry and entry.lease == tonumber(ARGV[1]) and not covers(entry, ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
