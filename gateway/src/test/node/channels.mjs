// Subscribes with `centrifuge` and does what it is told, a JSON object a line on its input; prints what comes, an object a line.
// usage: node channels.mjs <ws://host:port/connection/websocket> [channel ...]
//   {"do":"subscribe","channel":"customer:1","since":{"offset":3,"epoch":"1"}}   {"do":"unsubscribe","channel":"customer:1"}
//   {"do":"publish","channel":"customer:1","data":{"a":1}}                       {"do":"history","channel":"customer:1","limit":10}
//   {"do":"rpc","method":"get","data":{"key":"customer/1"}}                      {"do":"presence","channel":"customer:1"}
//   {"do":"break"}   the socket, without a word; it comes back by itself         {"do":"disconnect"} and {"do":"connect"}
// It ends when its input does. What is done is answered with {"done":<what>,"result":…} or {"done":<what>,"error":…}.
import { createInterface } from 'node:readline'
import { Centrifuge } from 'centrifuge'
import WebSocket from 'ws'

const [url, ...channels] = process.argv.slice(2)

let socket
class Socket extends WebSocket {
  constructor(...args) {
    super(...args)
    socket = this
  }
}

function print(event) {
  console.log(JSON.stringify(event))
}

// Nobody reads it yet; it is asked for once a connection, as the documentation of the client has it.
const getToken = async () => {
  print({ event: 'token' })
  return 'no secret'
}

const client = new Centrifuge(url, { websocket: Socket, getToken, minReconnectDelay: 50, maxReconnectDelay: 500, timeout: 10_000 })
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
  break: () => socket.terminate(),
  disconnect: () => client.disconnect(),
  connect: () => client.connect(),
}

channels.forEach(channel => subscription(channel).subscribe())
client.connect()
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  try {
    print({ done: command.do, result: await done[command.do](command) })
  } catch (error) {
    print({ done: command.do, error: { code: error.code, message: error.message } })
  }
}
client.disconnect()
