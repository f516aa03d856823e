// What a client of `centrifuge` is told to do, in Node.js and in a page, and what it tells of it.
//   {"do":"subscribe","channel":"customer:1","since":{"offset":3,"epoch":"1"}}   {"do":"unsubscribe","channel":"customer:1"}
//   {"do":"publish","channel":"customer:1","data":{"a":1}}                       {"do":"history","channel":"customer:1","limit":10}
//   {"do":"rpc","method":"get","data":{"key":"customer/1"}}                      {"do":"presence","channel":"customer:1"}
//   {"do":"disconnect"} and {"do":"connect"}
export function subscriber(client, print) {
  client.on('connected', ({ client, data, transport }) => print({ event: 'connected', client, data, transport }))
  client.on('connecting', ({ code, reason }) => print({ event: 'connecting', code, reason }))
  client.on('disconnected', ({ code, reason }) => print({ event: 'disconnected', code, reason }))
  client.on('error', ({ type, error }) => print({ event: 'error', type, error }))

  function subscription(channel, options) {
    const known = client.getSubscription(channel)
    if (known) {
      return known
    }
    const created = client.newSubscription(channel, options)
    created.on('subscribed', ({ recoverable, positioned, streamPosition, wasRecovering, recovered }) =>
      print({ event: 'subscribed', channel, recoverable, positioned, streamPosition, wasRecovering, recovered }))
    created.on('publication', ({ data, offset }) => print({ event: 'publication', channel, offset, data }))
    created.on('subscribing', ({ code, reason }) => print({ event: 'subscribing', channel, code, reason }))
    created.on('unsubscribed', ({ code, reason }) => print({ event: 'unsubscribed', channel, code, reason }))
    created.on('error', ({ type, error }) => print({ event: 'error', channel, type, error }))
    return created
  }

  const done = {
    subscribe: ({ channel, since }) => subscription(channel, since && { since }).subscribe(),
    unsubscribe: ({ channel }) => subscription(channel).unsubscribe(),
    publish: ({ channel, data }) => client.publish(channel, data),
    history: ({ channel, limit = -1, since, reverse }) => client.history(channel, { limit, since, reverse }),
    presence: ({ channel }) => client.presence(channel),
    rpc: ({ method, data }) => client.rpc(method, data),
    disconnect: () => client.disconnect(),
    connect: () => client.connect(),
  }

  return async command => {
    try {
      print({ done: command.do, result: await done[command.do](command) })
    } catch (error) {
      print({ done: command.do, error: { code: error.code, message: error.message } })
    }
  }
}
