-- KEYS: entry. Its lease goes with it: whoever has read the store before fills nothing in.
redis.call('DEL', KEYS[1])
